# title zh: 任命
# title en: Appoint a person to a post
# says zh: 这个人从这一天起正式担任这个岗位。
# says en: The person holds the post from this day on.
# parameter person: qa:Person
# person zh: 被任命的人
# person en: the person who is appointed
# parameter post: qa:Post
# post zh: 担任的岗位
# post en: the post
# dated: ?from
PREFIX qa: <https://w3id.org/qualitrace/qa#>

INSERT {
  ?post qa:hasAppointment ?appointment .
  ?appointment a qa:Appointment ; qa:appointee ?person ; qa:startDate ?from
}
WHERE {
  # 标识：appointment/单位/岗位/工号/起始日期 · the identifier: appointment/unit/post/staff number/start
  ?post a qa:Post . ?person a qa:Person .
  BIND (REPLACE(STR(?post), "/post/", "/appointment/") AS ?start)
  BIND (REPLACE(STR(?person), "^.*/", "") AS ?number)
  BIND (IRI(CONCAT(?start, "/", ?number, "/", STR(?from))) AS ?appointment)
}
