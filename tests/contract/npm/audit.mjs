// Runs the audits of graphql-http against the server at the address given; prints their results as JSON.
import { serverAudits } from 'graphql-http';

const url = process.argv[2];
const results = [];
for (const audit of serverAudits({ url })) {
  const result = await audit.fn();
  const body = result.response ? await result.response.text().catch(() => '') : '';
  results.push({
    id: audit.id,
    name: audit.name,
    status: result.status,
    reason: result.reason ?? '',
    answered: result.response ? `${result.response.status} ${body.slice(0, 500)}` : '',
  });
}
console.log(JSON.stringify(results));
