from datetime import date
from typing import Any, Optional, Union

from .base_client import BaseClient
from .base_model import UNSET, UnsetType
from .broken_duties import BrokenDuties
from .changes import Changes
from .who_answered import WhoAnswered


def gql(q: str) -> str:
    return q


class Qualitrace(BaseClient):
    def who_answered(
        self,
        indicator: str,
        day: date,
        language: Union[Optional[str], UnsetType] = UNSET,
        **kwargs: Any,
    ) -> WhoAnswered:
        query = gql("""
            query WhoAnswered($indicator: String!, $day: Date!, $language: String = "zh") {
              trace(node: $indicator, to: Person, asOf: $day) {
                partial
                start {
                  __typename
                  ...Shown
                }
                ends {
                  ending
                  basis
                  capacity(language: $language)
                  absence(language: $language)
                  node {
                    __typename
                    ...Shown
                  }
                  steward {
                    __typename
                    ...Shown
                  }
                }
                paths {
                  steps {
                    property {
                      label(language: $language)
                    }
                    source {
                      __typename
                      ...Shown
                    }
                    target {
                      __typename
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
            }
            """)
        variables: dict[str, object] = {
            "indicator": indicator,
            "day": day,
            "language": language,
        }
        response = self.execute(
            query=query, operation_name="WhoAnswered", variables=variables, **kwargs
        )
        data = self.get_data(response)
        return WhoAnswered.model_validate(data)

    def broken_duties(
        self,
        day: date,
        first: Union[Optional[int], UnsetType] = UNSET,
        after: Union[Optional[str], UnsetType] = UNSET,
        language: Union[Optional[str], UnsetType] = UNSET,
        **kwargs: Any,
    ) -> BrokenDuties:
        query = gql("""
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
                      __typename
                      ...Shown
                    }
                    steward {
                      __typename
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
            }
            """)
        variables: dict[str, object] = {
            "day": day,
            "first": first,
            "after": after,
            "language": language,
        }
        response = self.execute(
            query=query, operation_name="BrokenDuties", variables=variables, **kwargs
        )
        data = self.get_data(response)
        return BrokenDuties.model_validate(data)

    def changes(
        self,
        first: Union[Optional[int], UnsetType] = UNSET,
        after: Union[Optional[str], UnsetType] = UNSET,
        **kwargs: Any,
    ) -> Changes:
        query = gql("""
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
            """)
        variables: dict[str, object] = {"first": first, "after": after}
        response = self.execute(
            query=query, operation_name="Changes", variables=variables, **kwargs
        )
        data = self.get_data(response)
        return Changes.model_validate(data)
