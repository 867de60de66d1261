# title zh: 废止标准
# title en: Withdraw a standard
# says zh: 标准施行到前一天为止，从这一天起废止，没有替代版本。
# says en: The standard applies until the day before and is withdrawn from this day on; nothing takes its place.
# parameter standard: qa:Standard
# standard zh: 要废止的标准
# standard en: the standard to be withdrawn
# dated: ?from
PREFIX qa: <https://w3id.org/qualitrace/qa#>
PREFIX qas: <https://w3id.org/qualitrace/scheme/>
PREFIX xsd: <http://www.w3.org/2001/XMLSchema#>

DELETE {
  ?standard qa:lifecycle ?state ; qa:effectiveTo ?until
}
INSERT {
  ?standard qa:lifecycle qas:lifecycle-withdrawn ; qa:effectiveTo ?last
}
WHERE {
  BIND (?from - "P1D"^^xsd:dayTimeDuration AS ?last)
  OPTIONAL { ?standard qa:lifecycle ?state }
  OPTIONAL { ?standard qa:effectiveTo ?until }
  FILTER (!BOUND(?until) || ?until >= ?from)
}
