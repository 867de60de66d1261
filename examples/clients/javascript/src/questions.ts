// Generated from questions.graphql and the schema; do not edit.
type Maybe<T> = T | null;
type InputMaybe<T> = T | null;
type Exact<T extends { [key: string]: unknown }> = { [K in keyof T]: T[K] };
interface Scalars {
  String: { input: string; output: string };
  Int: { input: number; output: number };
  Date: { input: string; output: string };
}

import type { DocumentTypeDecoration } from '@graphql-typed-document-node/core';
/** 由谁负责 / Who answers */
export type AnsweredFor =
  /** 只有代为承担的 / Only by inheritance */
  | 'INHERITED'
  /** 有指名的 / Somebody is named */
  | 'NAMED'
  /** 没有 / Nobody */
  | 'NOBODY';

export type Capacity =
  /** 代理 / Acting */
  | 'ACTING'
  /** 正式任职 / Substantive */
  | 'SUBSTANTIVE';

/** 对象的变化 / What became of a node */
export type ChangedNodeFate =
  /** 新增 / It is new */
  | 'ADDED'
  /** 有改动 / It has changed */
  | 'CHANGED'
  /** 已删除 / It is gone */
  | 'REMOVED';

/** 自 since 之日以来的变化 / What became of it since then */
export type CoverageChange =
  /** 由齐全变为断开 / It was complete and is broken */
  | 'BROKE'
  /** 当时不在（这一组）/ It was not there (in the group) */
  | 'ENTERED'
  /** 已不在（这一组）/ It is no longer there (in the group) */
  | 'LEFT'
  /** 由断开变为齐全 / It was broken and is complete */
  | 'MENDED';

export type Direction =
  /** 越高越好 / Higher is better */
  | 'HIGHER'
  /** 越低越好 / Lower is better */
  | 'LOWER';

/** 事实如何得知 / How a fact came to be known */
export type FactBasis =
  /** 由编码推得 / Derived from a code or another cell */
  | 'DERIVED'
  /** 由规则推出 / Follows from a rule or axiom */
  | 'INFERRED'
  /** 未指定人，由部门承担 / A unit answers because nobody in it was named */
  | 'INHERITED'
  /** 读自合并单元格 / Read from a merged cell */
  | 'MERGED'
  /** 写在单元格中 / Written in the cell itself */
  | 'STATED';

/** 事实以什么为据 / What a fact rests on */
export type FactGround =
  /** 不公开 / Nobody is shown it */
  | 'HIDDEN'
  /** 由其他事实推出 / It follows from others */
  | 'INFERRED'
  /** 本体规定 / The ontology says it */
  | 'PROFILE'
  /** 文件或某人所说 / A document or a person said it */
  | 'STATED';

export type Level =
  /** 学院 / College */
  | 'COLLEGE'
  /** 课程 / Course */
  | 'COURSE'
  /** 专业 / Programme */
  | 'PROGRAMME'
  /** 学生 / Student */
  | 'STUDENT'
  /** 教师 / Teacher */
  | 'TEACHER';

export type Lifecycle =
  /** 草案 / Draft */
  | 'DRAFT'
  /** 有效 / In force */
  | 'IN_FORCE'
  /** 已被替代 / Superseded */
  | 'SUPERSEDED'
  /** 废止 / Withdrawn */
  | 'WITHDRAWN';

/** 公开的类 / The classes shown in this API */
export type NodeClass =
  /** 责任主体 / Accountable party */
  | 'AccountableParty'
  /** 任职 / Appointment */
  | 'Appointment'
  /** 考核标准 / Assessment standard */
  | 'AssessmentStandard'
  /** 权限 / Authority */
  | 'Authority'
  /** 组织机构 / Body */
  | 'Body'
  /** 学院 / College */
  | 'College'
  /** 委员会 / Committee */
  | 'Committee'
  /** 课程 / Course */
  | 'Course'
  /** 课程标准 / Course standard */
  | 'CourseStandard'
  /** 标准条目 / Criterion */
  | 'Criterion'
  /** 完成时间 / Deadline */
  | 'Deadline'
  /** 成果形式 / Deliverable */
  | 'Deliverable'
  /** 职能部门 / Department */
  | 'Department'
  /** 诊断 / Diagnosis */
  | 'Diagnosis'
  /** 诊断要素 / Diagnosis element */
  | 'DiagnosisElement'
  /** 诊断项目 / Diagnosis item */
  | 'DiagnosisItem'
  /** 诊断点 / Diagnosis point */
  | 'DiagnosisPoint'
  /** 职责 / Duty */
  | 'Duty'
  /** 诊断对象 / Examinable */
  | 'Examinable'
  /** 影响因素 / Factor */
  | 'Factor'
  /** 诊断发现 / Finding */
  | 'Finding'
  /** 目标 / Goal */
  | 'Goal'
  /** 群体 / Group */
  | 'Group'
  /** 改进 / Improvement */
  | 'Improvement'
  /** 质量事故 / Incident */
  | 'Incident'
  /** 指标 / Indicator */
  | 'Indicator'
  /** 总体规划 / Master plan */
  | 'MasterPlan'
  /** 措施 / Measure */
  | 'Measure'
  /** 读数 / Observation */
  | 'Observation'
  /** 人员 / Person */
  | 'Person'
  /** 规划 / Plan */
  | 'Plan'
  /** 平台编号 / Platform code */
  | 'PlatformCode'
  /** 岗位 / Post */
  | 'Post'
  /** 流程 / Procedure */
  | 'Procedure'
  /** 专业 / Programme */
  | 'Programme'
  /** 专业建设方案 / Programme plan */
  | 'ProgrammePlan'
  /** 专业标准 / Programme standard */
  | 'ProgrammeStandard'
  /** 定性条目 / Qualitative criterion */
  | 'QualitativeCriterion'
  /** 定量条目 / Quantitative criterion */
  | 'QuantitativeCriterion'
  /** 质量报告 / Report */
  | 'Report'
  /** 资源配置标准 / Resource standard */
  | 'ResourceStandard'
  /** 制度诊改循环 / Review cycle */
  | 'ReviewCycle'
  /** 制度 / Rule */
  | 'Rule'
  /** 科室 / Section */
  | 'Section'
  /** 专项规划 / Special plan */
  | 'SpecialPlan'
  /** 标准 / Standard */
  | 'Standard'
  /** 学生发展标准 / Student standard */
  | 'StudentStandard'
  /** 诊改主体 / Subject */
  | 'Subject'
  /** 任务 / Task */
  | 'Task'
  /** 教师发展标准 / Teacher standard */
  | 'TeacherStandard'
  /** 教学团队 / Teaching team */
  | 'TeachingTeam'
  /** 二级教学单位 / Teaching unit */
  | 'TeachingUnit'
  /** 单位 / Unit */
  | 'Unit'
  /** 二级学院规划 / Unit plan */
  | 'UnitPlan'
  /** 具体化的工作 / Work item */
  | 'WorkItem'
  /** 工作标准 / Work standard */
  | 'WorkStandard'
  /** 工作组 / Working group */
  | 'WorkingGroup';

/** 对象的变化 / What became of a node */
export type NodeFate =
  /** 新增 / It is new */
  | 'ADDED'
  /** 有改动 / It has changed */
  | 'CHANGED'
  /** 已删除 / It is gone */
  | 'REMOVED';

/** 缺值者总在最后 / Missing values come last either way */
export type OrderDirection =
  | 'ASC'
  | 'DESC';

export type Outcome =
  /** 未达标 / Failed */
  | 'FAILED'
  /** 达标 / Met */
  | 'MET';

export type PresenceScale =
  /** 不符合 / Absent */
  | 'ABSENT'
  /** 部分符合 / Partly present */
  | 'PARTLY'
  /** 符合 / Present */
  | 'PRESENT';

/** 提议的状态 / How a proposal stands */
export type ProposalState =
  /** 已批准 / It was approved */
  | 'APPROVED'
  /** 待处理 / It waits */
  | 'OPEN'
  /** 已否决 / It was rejected */
  | 'REJECTED';

export type Scope =
  /** 系统内职责 / Inside the system */
  | 'INSIDE'
  /** 系统外职责 / Outside the system */
  | 'OUTSIDE';

export type Stage =
  /** 制度建设 / Building */
  | 'BUILDING'
  /** 制度评估 / Evaluation */
  | 'EVALUATION'
  /** 制度执行 / Execution */
  | 'EXECUTION'
  /** 制度学习 / Learning */
  | 'LEARNING'
  /** 创新提高 / Renewal */
  | 'RENEWAL';

/** 路径的终点 / How a path ends */
export type TraceEnding =
  /** 下一环缺失 / At a node whose next link is missing */
  | 'ABSENT'
  /** 到达所问的类 / At a node of the asked class */
  | 'REACHED';

/** 汇总方式 / What to count findings by */
export type ValidationGrouping =
  | 'RULE'
  | 'SEVERITY'
  | 'UNIT';

/** 新出现的问题如何处理 / What a new finding does to a commit */
export type ValidationMode =
  /** 不予提交 / The commit is rejected */
  | 'REJECT'
  /** 提交有效，予以报告 / It is reported; the commit counts */
  | 'WARN';

/** 严重程度 / Severity (SHACL) */
export type ValidationSeverity =
  /** 供参考 / For information */
  | 'INFO'
  /** 必须改正 / Rejects a commit */
  | 'VIOLATION'
  /** 应当改正 / To be mended */
  | 'WARNING';

export type VerticalSystem =
  /** 决策指挥 / Decision and command */
  | 'DECISION'
  /** 质量生成 / Quality generation */
  | 'GENERATION'
  /** 资源建设 / Resource building */
  | 'RESOURCES'
  /** 监督控制 / Supervision and control */
  | 'SUPERVISION'
  /** 支持服务 / Support and service */
  | 'SUPPORT';

export type WhoAnsweredQueryVariables = Exact<{
  indicator: Scalars['String']['input'];
  day: Scalars['Date']['input'];
  language?: InputMaybe<Scalars['String']['input']>;
}>;


export type WhoAnsweredQuery = { trace?: { partial: boolean, start?: { id: string, code?: string | null, label?: string | null } | { id: string, code?: string | null, label?: string | null } | { id: string, code?: string | null, label?: string | null } | { id: string, code?: string | null, label?: string | null } | { id: string, code?: string | null, label?: string | null } | { id: string, code?: string | null, label?: string | null } | { id: string, code?: string | null, label?: string | null } | { id: string, code?: string | null, label?: string | null } | { id: string, code?: string | null, label?: string | null } | { id: string, code?: string | null, label?: string | null } | { id: string, code?: string | null, label?: string | null } | { id: string, code?: string | null, label?: string | null } | { id: string, code?: string | null, label?: string | null } | { id: string, code?: string | null, label?: string | null } | { id: string, code?: string | null, label?: string | null } | { id: string, code?: string | null, label?: string | null } | { id: string, code?: string | null, label?: string | null } | { id: string, code?: string | null, label?: string | null } | { id: string, code?: string | null, label?: string | null } | { id: string, code?: string | null, label?: string | null } | { id: string, code?: string | null, label?: string | null } | { id: string, code?: string | null, label?: string | null } | { id: string, code?: string | null, label?: string | null } | { id: string, code?: string | null, label?: string | null } | { id: string, code?: string | null, label?: string | null } | { id: string, code?: string | null, label?: string | null } | { id: string, code?: string | null, label?: string | null } | { id: string, code?: string | null, label?: string | null } | { id: string, code?: string | null, label?: string | null } | { id: string, code?: string | null, label?: string | null } | { id: string, code?: string | null, label?: string | null } | { id: string, code?: string | null, label?: string | null } | { id: string, code?: string | null, label?: string | null } | { id: string, code?: string | null, label?: string | null } | { id: string, code?: string | null, label?: string | null } | { id: string, code?: string | null, label?: string | null } | { id: string, code?: string | null, label?: string | null } | { id: string, code?: string | null, label?: string | null } | { id: string, code?: string | null, label?: string | null } | { id: string, code?: string | null, label?: string | null } | { id: string, code?: string | null, label?: string | null } | { id: string, code?: string | null, label?: string | null } | { id: string, code?: string | null, label?: string | null } | { id: string, code?: string | null, label?: string | null } | { id: string, code?: string | null, label?: string | null } | { id: string, code?: string | null, label?: string | null } | { id: string, code?: string | null, label?: string | null } | { id: string, code?: string | null, label?: string | null } | { id: string, code?: string | null, label?: string | null } | { id: string, code?: string | null, label?: string | null } | null, ends: Array<{ ending: TraceEnding, basis: FactBasis, capacity?: string | null, absence?: string | null, node?: { id: string, code?: string | null, label?: string | null } | { id: string, code?: string | null, label?: string | null } | { id: string, code?: string | null, label?: string | null } | { id: string, code?: string | null, label?: string | null } | { id: string, code?: string | null, label?: string | null } | { id: string, code?: string | null, label?: string | null } | { id: string, code?: string | null, label?: string | null } | { id: string, code?: string | null, label?: string | null } | { id: string, code?: string | null, label?: string | null } | { id: string, code?: string | null, label?: string | null } | { id: string, code?: string | null, label?: string | null } | { id: string, code?: string | null, label?: string | null } | { id: string, code?: string | null, label?: string | null } | { id: string, code?: string | null, label?: string | null } | { id: string, code?: string | null, label?: string | null } | { id: string, code?: string | null, label?: string | null } | { id: string, code?: string | null, label?: string | null } | { id: string, code?: string | null, label?: string | null } | { id: string, code?: string | null, label?: string | null } | { id: string, code?: string | null, label?: string | null } | { id: string, code?: string | null, label?: string | null } | { id: string, code?: string | null, label?: string | null } | { id: string, code?: string | null, label?: string | null } | { id: string, code?: string | null, label?: string | null } | { id: string, code?: string | null, label?: string | null } | { id: string, code?: string | null, label?: string | null } | { id: string, code?: string | null, label?: string | null } | { id: string, code?: string | null, label?: string | null } | { id: string, code?: string | null, label?: string | null } | { id: string, code?: string | null, label?: string | null } | { id: string, code?: string | null, label?: string | null } | { id: string, code?: string | null, label?: string | null } | { id: string, code?: string | null, label?: string | null } | { id: string, code?: string | null, label?: string | null } | { id: string, code?: string | null, label?: string | null } | { id: string, code?: string | null, label?: string | null } | { id: string, code?: string | null, label?: string | null } | { id: string, code?: string | null, label?: string | null } | { id: string, code?: string | null, label?: string | null } | { id: string, code?: string | null, label?: string | null } | { id: string, code?: string | null, label?: string | null } | { id: string, code?: string | null, label?: string | null } | { id: string, code?: string | null, label?: string | null } | { id: string, code?: string | null, label?: string | null } | { id: string, code?: string | null, label?: string | null } | { id: string, code?: string | null, label?: string | null } | { id: string, code?: string | null, label?: string | null } | { id: string, code?: string | null, label?: string | null } | { id: string, code?: string | null, label?: string | null } | { id: string, code?: string | null, label?: string | null } | null, steward?: { id: string, code?: string | null, label?: string | null } | { id: string, code?: string | null, label?: string | null } | { id: string, code?: string | null, label?: string | null } | { id: string, code?: string | null, label?: string | null } | { id: string, code?: string | null, label?: string | null } | { id: string, code?: string | null, label?: string | null } | { id: string, code?: string | null, label?: string | null } | { id: string, code?: string | null, label?: string | null } | { id: string, code?: string | null, label?: string | null } | { id: string, code?: string | null, label?: string | null } | { id: string, code?: string | null, label?: string | null } | { id: string, code?: string | null, label?: string | null } | { id: string, code?: string | null, label?: string | null } | { id: string, code?: string | null, label?: string | null } | { id: string, code?: string | null, label?: string | null } | { id: string, code?: string | null, label?: string | null } | { id: string, code?: string | null, label?: string | null } | { id: string, code?: string | null, label?: string | null } | { id: string, code?: string | null, label?: string | null } | { id: string, code?: string | null, label?: string | null } | { id: string, code?: string | null, label?: string | null } | { id: string, code?: string | null, label?: string | null } | { id: string, code?: string | null, label?: string | null } | { id: string, code?: string | null, label?: string | null } | { id: string, code?: string | null, label?: string | null } | { id: string, code?: string | null, label?: string | null } | { id: string, code?: string | null, label?: string | null } | { id: string, code?: string | null, label?: string | null } | { id: string, code?: string | null, label?: string | null } | { id: string, code?: string | null, label?: string | null } | { id: string, code?: string | null, label?: string | null } | { id: string, code?: string | null, label?: string | null } | { id: string, code?: string | null, label?: string | null } | { id: string, code?: string | null, label?: string | null } | { id: string, code?: string | null, label?: string | null } | { id: string, code?: string | null, label?: string | null } | { id: string, code?: string | null, label?: string | null } | { id: string, code?: string | null, label?: string | null } | { id: string, code?: string | null, label?: string | null } | { id: string, code?: string | null, label?: string | null } | { id: string, code?: string | null, label?: string | null } | { id: string, code?: string | null, label?: string | null } | { id: string, code?: string | null, label?: string | null } | { id: string, code?: string | null, label?: string | null } | { id: string, code?: string | null, label?: string | null } | { id: string, code?: string | null, label?: string | null } | { id: string, code?: string | null, label?: string | null } | { id: string, code?: string | null, label?: string | null } | { id: string, code?: string | null, label?: string | null } | { id: string, code?: string | null, label?: string | null } | null }>, paths: Array<{ steps: Array<{ property: { label?: string | null }, source?: { id: string, code?: string | null, label?: string | null } | { id: string, code?: string | null, label?: string | null } | { id: string, code?: string | null, label?: string | null } | { id: string, code?: string | null, label?: string | null } | { id: string, code?: string | null, label?: string | null } | { id: string, code?: string | null, label?: string | null } | { id: string, code?: string | null, label?: string | null } | { id: string, code?: string | null, label?: string | null } | { id: string, code?: string | null, label?: string | null } | { id: string, code?: string | null, label?: string | null } | { id: string, code?: string | null, label?: string | null } | { id: string, code?: string | null, label?: string | null } | { id: string, code?: string | null, label?: string | null } | { id: string, code?: string | null, label?: string | null } | { id: string, code?: string | null, label?: string | null } | { id: string, code?: string | null, label?: string | null } | { id: string, code?: string | null, label?: string | null } | { id: string, code?: string | null, label?: string | null } | { id: string, code?: string | null, label?: string | null } | { id: string, code?: string | null, label?: string | null } | { id: string, code?: string | null, label?: string | null } | { id: string, code?: string | null, label?: string | null } | { id: string, code?: string | null, label?: string | null } | { id: string, code?: string | null, label?: string | null } | { id: string, code?: string | null, label?: string | null } | { id: string, code?: string | null, label?: string | null } | { id: string, code?: string | null, label?: string | null } | { id: string, code?: string | null, label?: string | null } | { id: string, code?: string | null, label?: string | null } | { id: string, code?: string | null, label?: string | null } | { id: string, code?: string | null, label?: string | null } | { id: string, code?: string | null, label?: string | null } | { id: string, code?: string | null, label?: string | null } | { id: string, code?: string | null, label?: string | null } | { id: string, code?: string | null, label?: string | null } | { id: string, code?: string | null, label?: string | null } | { id: string, code?: string | null, label?: string | null } | { id: string, code?: string | null, label?: string | null } | { id: string, code?: string | null, label?: string | null } | { id: string, code?: string | null, label?: string | null } | { id: string, code?: string | null, label?: string | null } | { id: string, code?: string | null, label?: string | null } | { id: string, code?: string | null, label?: string | null } | { id: string, code?: string | null, label?: string | null } | { id: string, code?: string | null, label?: string | null } | { id: string, code?: string | null, label?: string | null } | { id: string, code?: string | null, label?: string | null } | { id: string, code?: string | null, label?: string | null } | { id: string, code?: string | null, label?: string | null } | { id: string, code?: string | null, label?: string | null } | null, target?: { id: string, code?: string | null, label?: string | null } | { id: string, code?: string | null, label?: string | null } | { id: string, code?: string | null, label?: string | null } | { id: string, code?: string | null, label?: string | null } | { id: string, code?: string | null, label?: string | null } | { id: string, code?: string | null, label?: string | null } | { id: string, code?: string | null, label?: string | null } | { id: string, code?: string | null, label?: string | null } | { id: string, code?: string | null, label?: string | null } | { id: string, code?: string | null, label?: string | null } | { id: string, code?: string | null, label?: string | null } | { id: string, code?: string | null, label?: string | null } | { id: string, code?: string | null, label?: string | null } | { id: string, code?: string | null, label?: string | null } | { id: string, code?: string | null, label?: string | null } | { id: string, code?: string | null, label?: string | null } | { id: string, code?: string | null, label?: string | null } | { id: string, code?: string | null, label?: string | null } | { id: string, code?: string | null, label?: string | null } | { id: string, code?: string | null, label?: string | null } | { id: string, code?: string | null, label?: string | null } | { id: string, code?: string | null, label?: string | null } | { id: string, code?: string | null, label?: string | null } | { id: string, code?: string | null, label?: string | null } | { id: string, code?: string | null, label?: string | null } | { id: string, code?: string | null, label?: string | null } | { id: string, code?: string | null, label?: string | null } | { id: string, code?: string | null, label?: string | null } | { id: string, code?: string | null, label?: string | null } | { id: string, code?: string | null, label?: string | null } | { id: string, code?: string | null, label?: string | null } | { id: string, code?: string | null, label?: string | null } | { id: string, code?: string | null, label?: string | null } | { id: string, code?: string | null, label?: string | null } | { id: string, code?: string | null, label?: string | null } | { id: string, code?: string | null, label?: string | null } | { id: string, code?: string | null, label?: string | null } | { id: string, code?: string | null, label?: string | null } | { id: string, code?: string | null, label?: string | null } | { id: string, code?: string | null, label?: string | null } | { id: string, code?: string | null, label?: string | null } | { id: string, code?: string | null, label?: string | null } | { id: string, code?: string | null, label?: string | null } | { id: string, code?: string | null, label?: string | null } | { id: string, code?: string | null, label?: string | null } | { id: string, code?: string | null, label?: string | null } | { id: string, code?: string | null, label?: string | null } | { id: string, code?: string | null, label?: string | null } | { id: string, code?: string | null, label?: string | null } | { id: string, code?: string | null, label?: string | null } | null, sources: Array<{ place: string }> }> }> } | null };

export type BrokenDutiesQueryVariables = Exact<{
  day: Scalars['Date']['input'];
  first?: InputMaybe<Scalars['Int']['input']>;
  after?: InputMaybe<Scalars['String']['input']>;
  language?: InputMaybe<Scalars['String']['input']>;
}>;


export type BrokenDutiesQuery = { coverage?: { total: number, complete: number, verdicts: { pageInfo: { hasNextPage: boolean, endCursor?: string | null }, nodes: Array<{ absence?: string | null, node?: { id: string, code?: string | null, label?: string | null } | { id: string, code?: string | null, label?: string | null } | { id: string, code?: string | null, label?: string | null } | { id: string, code?: string | null, label?: string | null } | { id: string, code?: string | null, label?: string | null } | { id: string, code?: string | null, label?: string | null } | { id: string, code?: string | null, label?: string | null } | { id: string, code?: string | null, label?: string | null } | { id: string, code?: string | null, label?: string | null } | { id: string, code?: string | null, label?: string | null } | { id: string, code?: string | null, label?: string | null } | { id: string, code?: string | null, label?: string | null } | { id: string, code?: string | null, label?: string | null } | { id: string, code?: string | null, label?: string | null } | { id: string, code?: string | null, label?: string | null } | { id: string, code?: string | null, label?: string | null } | { id: string, code?: string | null, label?: string | null } | { id: string, code?: string | null, label?: string | null } | { id: string, code?: string | null, label?: string | null } | { id: string, code?: string | null, label?: string | null } | { id: string, code?: string | null, label?: string | null } | { id: string, code?: string | null, label?: string | null } | { id: string, code?: string | null, label?: string | null } | { id: string, code?: string | null, label?: string | null } | { id: string, code?: string | null, label?: string | null } | { id: string, code?: string | null, label?: string | null } | { id: string, code?: string | null, label?: string | null } | { id: string, code?: string | null, label?: string | null } | { id: string, code?: string | null, label?: string | null } | { id: string, code?: string | null, label?: string | null } | { id: string, code?: string | null, label?: string | null } | { id: string, code?: string | null, label?: string | null } | { id: string, code?: string | null, label?: string | null } | { id: string, code?: string | null, label?: string | null } | { id: string, code?: string | null, label?: string | null } | { id: string, code?: string | null, label?: string | null } | { id: string, code?: string | null, label?: string | null } | { id: string, code?: string | null, label?: string | null } | { id: string, code?: string | null, label?: string | null } | { id: string, code?: string | null, label?: string | null } | { id: string, code?: string | null, label?: string | null } | { id: string, code?: string | null, label?: string | null } | { id: string, code?: string | null, label?: string | null } | { id: string, code?: string | null, label?: string | null } | { id: string, code?: string | null, label?: string | null } | { id: string, code?: string | null, label?: string | null } | { id: string, code?: string | null, label?: string | null } | { id: string, code?: string | null, label?: string | null } | { id: string, code?: string | null, label?: string | null } | { id: string, code?: string | null, label?: string | null } | null, steward?: { id: string, code?: string | null, label?: string | null } | { id: string, code?: string | null, label?: string | null } | { id: string, code?: string | null, label?: string | null } | { id: string, code?: string | null, label?: string | null } | { id: string, code?: string | null, label?: string | null } | { id: string, code?: string | null, label?: string | null } | { id: string, code?: string | null, label?: string | null } | { id: string, code?: string | null, label?: string | null } | { id: string, code?: string | null, label?: string | null } | { id: string, code?: string | null, label?: string | null } | { id: string, code?: string | null, label?: string | null } | { id: string, code?: string | null, label?: string | null } | { id: string, code?: string | null, label?: string | null } | { id: string, code?: string | null, label?: string | null } | { id: string, code?: string | null, label?: string | null } | { id: string, code?: string | null, label?: string | null } | { id: string, code?: string | null, label?: string | null } | { id: string, code?: string | null, label?: string | null } | { id: string, code?: string | null, label?: string | null } | { id: string, code?: string | null, label?: string | null } | { id: string, code?: string | null, label?: string | null } | { id: string, code?: string | null, label?: string | null } | { id: string, code?: string | null, label?: string | null } | { id: string, code?: string | null, label?: string | null } | { id: string, code?: string | null, label?: string | null } | { id: string, code?: string | null, label?: string | null } | { id: string, code?: string | null, label?: string | null } | { id: string, code?: string | null, label?: string | null } | { id: string, code?: string | null, label?: string | null } | { id: string, code?: string | null, label?: string | null } | { id: string, code?: string | null, label?: string | null } | { id: string, code?: string | null, label?: string | null } | { id: string, code?: string | null, label?: string | null } | { id: string, code?: string | null, label?: string | null } | { id: string, code?: string | null, label?: string | null } | { id: string, code?: string | null, label?: string | null } | { id: string, code?: string | null, label?: string | null } | { id: string, code?: string | null, label?: string | null } | { id: string, code?: string | null, label?: string | null } | { id: string, code?: string | null, label?: string | null } | { id: string, code?: string | null, label?: string | null } | { id: string, code?: string | null, label?: string | null } | { id: string, code?: string | null, label?: string | null } | { id: string, code?: string | null, label?: string | null } | { id: string, code?: string | null, label?: string | null } | { id: string, code?: string | null, label?: string | null } | { id: string, code?: string | null, label?: string | null } | { id: string, code?: string | null, label?: string | null } | { id: string, code?: string | null, label?: string | null } | { id: string, code?: string | null, label?: string | null } | null }> } } | null };

export type ChangesQueryVariables = Exact<{
  first?: InputMaybe<Scalars['Int']['input']>;
  after?: InputMaybe<Scalars['String']['input']>;
}>;


export type ChangesQuery = { changes?: { totalCount: number, nodes: Array<{ position: number, id: string, at: string, message: string }> } | null };

type Shown_Appointment_Fragment = { id: string, code?: string | null, label?: string | null };

type Shown_AssessmentStandard_Fragment = { id: string, code?: string | null, label?: string | null };

type Shown_Authority_Fragment = { id: string, code?: string | null, label?: string | null };

type Shown_College_Fragment = { id: string, code?: string | null, label?: string | null };

type Shown_Committee_Fragment = { id: string, code?: string | null, label?: string | null };

type Shown_Course_Fragment = { id: string, code?: string | null, label?: string | null };

type Shown_CourseStandard_Fragment = { id: string, code?: string | null, label?: string | null };

type Shown_Deadline_Fragment = { id: string, code?: string | null, label?: string | null };

type Shown_Deliverable_Fragment = { id: string, code?: string | null, label?: string | null };

type Shown_Department_Fragment = { id: string, code?: string | null, label?: string | null };

type Shown_Diagnosis_Fragment = { id: string, code?: string | null, label?: string | null };

type Shown_DiagnosisElement_Fragment = { id: string, code?: string | null, label?: string | null };

type Shown_DiagnosisItem_Fragment = { id: string, code?: string | null, label?: string | null };

type Shown_DiagnosisPoint_Fragment = { id: string, code?: string | null, label?: string | null };

type Shown_Duty_Fragment = { id: string, code?: string | null, label?: string | null };

type Shown_Factor_Fragment = { id: string, code?: string | null, label?: string | null };

type Shown_Finding_Fragment = { id: string, code?: string | null, label?: string | null };

type Shown_Goal_Fragment = { id: string, code?: string | null, label?: string | null };

type Shown_Group_Fragment = { id: string, code?: string | null, label?: string | null };

type Shown_Improvement_Fragment = { id: string, code?: string | null, label?: string | null };

type Shown_Incident_Fragment = { id: string, code?: string | null, label?: string | null };

type Shown_Indicator_Fragment = { id: string, code?: string | null, label?: string | null };

type Shown_MasterPlan_Fragment = { id: string, code?: string | null, label?: string | null };

type Shown_Measure_Fragment = { id: string, code?: string | null, label?: string | null };

type Shown_Observation_Fragment = { id: string, code?: string | null, label?: string | null };

type Shown_Person_Fragment = { id: string, code?: string | null, label?: string | null };

type Shown_PlatformCode_Fragment = { id: string, code?: string | null, label?: string | null };

type Shown_Post_Fragment = { id: string, code?: string | null, label?: string | null };

type Shown_Procedure_Fragment = { id: string, code?: string | null, label?: string | null };

type Shown_Programme_Fragment = { id: string, code?: string | null, label?: string | null };

type Shown_ProgrammePlan_Fragment = { id: string, code?: string | null, label?: string | null };

type Shown_ProgrammeStandard_Fragment = { id: string, code?: string | null, label?: string | null };

type Shown_QualitativeCriterion_Fragment = { id: string, code?: string | null, label?: string | null };

type Shown_QuantitativeCriterion_Fragment = { id: string, code?: string | null, label?: string | null };

type Shown_Report_Fragment = { id: string, code?: string | null, label?: string | null };

type Shown_Resource_Fragment = { id: string, code?: string | null, label?: string | null };

type Shown_ResourceStandard_Fragment = { id: string, code?: string | null, label?: string | null };

type Shown_ReviewCycle_Fragment = { id: string, code?: string | null, label?: string | null };

type Shown_Rule_Fragment = { id: string, code?: string | null, label?: string | null };

type Shown_Section_Fragment = { id: string, code?: string | null, label?: string | null };

type Shown_SpecialPlan_Fragment = { id: string, code?: string | null, label?: string | null };

type Shown_StudentStandard_Fragment = { id: string, code?: string | null, label?: string | null };

type Shown_Task_Fragment = { id: string, code?: string | null, label?: string | null };

type Shown_TeacherStandard_Fragment = { id: string, code?: string | null, label?: string | null };

type Shown_TeachingTeam_Fragment = { id: string, code?: string | null, label?: string | null };

type Shown_TeachingUnit_Fragment = { id: string, code?: string | null, label?: string | null };

type Shown_UnitPlan_Fragment = { id: string, code?: string | null, label?: string | null };

type Shown_WorkItem_Fragment = { id: string, code?: string | null, label?: string | null };

type Shown_WorkStandard_Fragment = { id: string, code?: string | null, label?: string | null };

type Shown_WorkingGroup_Fragment = { id: string, code?: string | null, label?: string | null };

export type ShownFragment = Shown_Appointment_Fragment | Shown_AssessmentStandard_Fragment | Shown_Authority_Fragment | Shown_College_Fragment | Shown_Committee_Fragment | Shown_Course_Fragment | Shown_CourseStandard_Fragment | Shown_Deadline_Fragment | Shown_Deliverable_Fragment | Shown_Department_Fragment | Shown_Diagnosis_Fragment | Shown_DiagnosisElement_Fragment | Shown_DiagnosisItem_Fragment | Shown_DiagnosisPoint_Fragment | Shown_Duty_Fragment | Shown_Factor_Fragment | Shown_Finding_Fragment | Shown_Goal_Fragment | Shown_Group_Fragment | Shown_Improvement_Fragment | Shown_Incident_Fragment | Shown_Indicator_Fragment | Shown_MasterPlan_Fragment | Shown_Measure_Fragment | Shown_Observation_Fragment | Shown_Person_Fragment | Shown_PlatformCode_Fragment | Shown_Post_Fragment | Shown_Procedure_Fragment | Shown_Programme_Fragment | Shown_ProgrammePlan_Fragment | Shown_ProgrammeStandard_Fragment | Shown_QualitativeCriterion_Fragment | Shown_QuantitativeCriterion_Fragment | Shown_Report_Fragment | Shown_Resource_Fragment | Shown_ResourceStandard_Fragment | Shown_ReviewCycle_Fragment | Shown_Rule_Fragment | Shown_Section_Fragment | Shown_SpecialPlan_Fragment | Shown_StudentStandard_Fragment | Shown_Task_Fragment | Shown_TeacherStandard_Fragment | Shown_TeachingTeam_Fragment | Shown_TeachingUnit_Fragment | Shown_UnitPlan_Fragment | Shown_WorkItem_Fragment | Shown_WorkStandard_Fragment | Shown_WorkingGroup_Fragment;

export class TypedDocumentString<TResult, TVariables>
  extends String
  implements DocumentTypeDecoration<TResult, TVariables>
{
  __apiType?: NonNullable<DocumentTypeDecoration<TResult, TVariables>['__apiType']>;
  private value: string;
  public __meta__?: Record<string, any> | undefined;

  constructor(value: string, __meta__?: Record<string, any> | undefined) {
    super(value);
    this.value = value;
    this.__meta__ = __meta__;
  }

  override toString(): string & DocumentTypeDecoration<TResult, TVariables> {
    return this.value;
  }
}
export const ShownFragmentDoc = new TypedDocumentString(`
    fragment Shown on Node {
  id
  code
  label(language: $language)
}
    `, {"fragmentName":"Shown"}) as unknown as TypedDocumentString<ShownFragment, unknown>;
export const WhoAnsweredDocument = new TypedDocumentString(`
    query WhoAnswered($indicator: String!, $day: Date!, $language: String = "zh") {
  trace(node: $indicator, to: Person, asOf: $day) {
    partial
    start {
      ...Shown
    }
    ends {
      ending
      basis
      capacity(language: $language)
      absence(language: $language)
      node {
        ...Shown
      }
      steward {
        ...Shown
      }
    }
    paths {
      steps {
        property {
          label(language: $language)
        }
        source {
          ...Shown
        }
        target {
          ...Shown
        }
        sources {
          place
        }
      }
    }
  }
}
    fragment Shown on Node {
  id
  code
  label(language: $language)
}`) as unknown as TypedDocumentString<WhoAnsweredQuery, WhoAnsweredQueryVariables>;
export const BrokenDutiesDocument = new TypedDocumentString(`
    query BrokenDuties($day: Date!, $first: Int = 50, $after: String, $language: String = "zh") {
  coverage(of: Duty, asOf: $day) {
    total
    complete
    verdicts(complete: false, first: $first, after: $after) {
      pageInfo {
        hasNextPage
        endCursor
      }
      nodes {
        absence(language: $language)
        node {
          ...Shown
        }
        steward {
          ...Shown
        }
      }
    }
  }
}
    fragment Shown on Node {
  id
  code
  label(language: $language)
}`) as unknown as TypedDocumentString<BrokenDutiesQuery, BrokenDutiesQueryVariables>;
export const ChangesDocument = new TypedDocumentString(`
    query Changes($first: Int = 20, $after: String) {
  changes(first: $first, after: $after) {
    totalCount
    nodes {
      position
      id
      at
      message
    }
  }
}
    `) as unknown as TypedDocumentString<ChangesQuery, ChangesQueryVariables>;