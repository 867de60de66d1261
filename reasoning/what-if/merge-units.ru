# title zh: 合并单位
# title en: Merge two units
# says zh: 前一个单位并入后一个：它的岗位、科室、职责和负责的事项都转到后一个单位，它的负责人岗位成为普通岗位，它的名称成为后一个单位的别名。它自己不再存在。
# says en: The first unit becomes part of the second: its posts, sections, duties and all it is responsible for move there, the post of its head becomes one among others, its name an alias of the second. Nothing is left of the first.
# parameter unit: qa:Unit
# unit zh: 被并入的单位
# unit en: the unit that is merged
# parameter into: qa:Unit
# into zh: 并入到的单位
# into en: the unit it becomes part of
PREFIX qt: <https://w3id.org/qualitrace/engine#>
PREFIX rdfs: <http://www.w3.org/2000/01/rdf-schema#>

DELETE {
  ?unit ?says ?what .
  ?other ?link ?unit
}
INSERT {
  ?moved ?link ?into .
  ?into qt:alias ?name
}
WHERE {
  {
    # 关于被并入单位的一切 · all that is said about the unit itself
    ?unit ?says ?what
  }
  UNION
  {
    # 指向它的关系都去掉 · nothing names it any longer
    ?other ?link ?unit
  }
  UNION
  {
    # 改指另一个单位；另一个单位自己对它的关系除外
    # it names the other unit instead; what that unit itself says of it is dropped
    ?moved ?link ?unit
    FILTER (?moved != ?into && ?moved != ?unit)
  }
  UNION
  {
    # 名称留作别名 · its names stay known
    { ?unit rdfs:label ?name } UNION { ?unit qt:alias ?name }
  }
}
