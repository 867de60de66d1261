# title zh: 人员离职
# title en: A person leaves
# says zh: 这个人从这一天起离开：各项任职到前一天为止，这一天以后才开始的任职取消。岗位和它的职责不变，没有别人担任的岗位空缺。
# says en: The person is gone from this day on: all their appointments end the day before, those that would begin later are cancelled. The posts and what they answer for stay; posts that nobody else holds are vacant.
# parameter person: qa:Person
# person zh: 离职的人
# person en: the person who leaves
# dated: ?from
PREFIX qa: <https://w3id.org/qualitrace/qa#>
PREFIX xsd: <http://www.w3.org/2001/XMLSchema#>

DELETE {
  ?running qa:endDate ?end .
  ?later ?says ?what . ?other ?link ?later
}
INSERT {
  ?running qa:endDate ?last
}
WHERE {
  BIND (?from - "P1D"^^xsd:dayTimeDuration AS ?last)
  {
    # 正在担任的，到前一天为止 · what the person holds ends the day before
    ?running qa:appointee ?person .
    OPTIONAL { ?running qa:startDate ?start }
    OPTIONAL { ?running qa:endDate ?end }
    FILTER ((!BOUND(?start) || ?start < ?from) && (!BOUND(?end) || ?end >= ?from))
  }
  UNION
  {
    # 尚未开始的任职取消 · appointments that have not begun are cancelled
    ?later qa:appointee ?person ; qa:startDate ?begins FILTER (?begins >= ?from)
    { ?later ?says ?what } UNION { ?other ?link ?later }
  }
}
