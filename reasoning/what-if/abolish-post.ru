# title zh: 撤销岗位
# title en: Abolish a post
# says zh: 岗位从这一天起不再设置：任职到前一天为止，这一天以后才开始的任职取消。交给它的工作和任务仍写着它，因此会断开。
# says en: From this day on the post is no more: appointments to it end the day before, those that would begin later are cancelled. The work and tasks given to it still name it, so their chains break.
# parameter post: qa:Post
# post zh: 要撤销的岗位
# post en: the post to be abolished
# dated: ?from
PREFIX qa: <https://w3id.org/qualitrace/qa#>
PREFIX xsd: <http://www.w3.org/2001/XMLSchema#>

DELETE {
  ?post qa:endDate ?until .
  ?running qa:endDate ?end .
  ?later ?says ?what . ?other ?link ?later
}
INSERT {
  ?ending qa:endDate ?last .
  ?running qa:endDate ?last
}
WHERE {
  BIND (?from - "P1D"^^xsd:dayTimeDuration AS ?last)
  {
    # 岗位本身到前一天为止 · the post itself ends the day before
    ?post a qa:Post .
    OPTIONAL { ?post qa:endDate ?until }
    FILTER (!BOUND(?until) || ?until >= ?from)
    BIND (?post AS ?ending)
  }
  UNION
  {
    # 正在任职的，到前一天为止 · whoever holds it, holds it until the day before
    ?post qa:hasAppointment ?running .
    OPTIONAL { ?running qa:startDate ?start }
    OPTIONAL { ?running qa:endDate ?end }
    FILTER ((!BOUND(?start) || ?start < ?from) && (!BOUND(?end) || ?end >= ?from))
  }
  UNION
  {
    # 尚未开始的任职取消 · appointments that have not begun are cancelled
    ?post qa:hasAppointment ?later . ?later qa:startDate ?begins FILTER (?begins >= ?from)
    { ?later ?says ?what } UNION { ?other ?link ?later }
  }
}
