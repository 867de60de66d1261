// The explorer: GraphiQL, the operations of the profile as examples, tokens in the headers tab.
import { GraphiQL } from 'graphiql';
import { useEditorContext, useSchemaStore } from '@graphiql/react';
import { createGraphiQLFetcher } from '@graphiql/toolkit';
import { createRoot } from 'react-dom/client';
import { useEffect, useState } from 'react';
import 'graphiql/style.css';
import './explorer.css';

const PURPOSE = 'qualitrace-purpose';
const here = new URL('/graphql', window.location.href);
const socket = new URL(here);
socket.protocol = here.protocol === 'https:' ? 'wss:' : 'ws:';

// Headers hold Latin letters only; a purpose may be said in any language.
function sendable(headers = {}) {
  return Object.fromEntries(
    Object.entries(headers)
      .filter(([, value]) => value !== '')
      .map(([name, value]) => [
        name,
        name.toLowerCase() === PURPOSE && /[^\x20-\x24\x26-\x7e]/.test(value) ? encodeURIComponent(value) : value,
      ]),
  );
}

function written(text) {
  try {
    return JSON.parse(text) ?? {};
  } catch {
    return {};
  }
}

const ask = createGraphiQLFetcher({ url: here.href, subscriptionUrl: socket.href });
const fetcher = (request, options) => ask(request, { ...options, headers: sendable(options?.headers) });

function Examples() {
  const { headerEditor, queryEditor, variableEditor } = useEditorContext({ nonNull: true });
  const schema = useSchemaStore((state) => state.schema);
  const [operations, setOperations] = useState([]);
  // They are for those who may explore: asked for again with the headers that the schema was fetched with.
  useEffect(() => {
    fetch('/explorer/operations', { headers: sendable(written(headerEditor?.getValue())) })
      .then((answer) => (answer.ok ? answer.json() : []))
      .then(setOperations);
  }, [schema]);
  const show = ({ document, variables }) => {
    queryEditor?.setValue(document);
    variableEditor?.setValue(JSON.stringify(variables, null, 2));
  };
  return (
    <section className="examples" aria-label="示例 / Examples">
      <div className="graphiql-doc-explorer-title">示例 / Examples</div>
      {schema ? null : (
        <p>
          请在 Headers 中填写令牌，再重新取得接口。 / Write a token into Headers, then fetch the schema again.
        </p>
      )}
      <ul>
        {operations.map((one) => (
          <li key={one.name}>
            <button type="button" data-name={one.name} onClick={() => show(one)}>
              <strong>{one.name}</strong>
              <span>{one.titles.zh}</span>
              <span>{one.titles.en}</span>
            </button>
          </li>
        ))}
      </ul>
    </section>
  );
}

const examples = {
  title: '示例 / Examples',
  icon: () => (
    <svg viewBox="0 0 24 24" fill="none" stroke="currentColor" strokeWidth="1.5" aria-hidden="true">
      <path d="M4 5h16M4 10h16M4 15h10M4 20h7" />
    </svg>
  ),
  content: () => <Examples />,
};

// GraphiQL would keep what was asked, and with it the headers, in the browser: a token is kept nowhere.
const kept = new Map();
const storage = {
  get length() {
    return kept.size;
  },
  getItem: (name) => kept.get(name) ?? null,
  setItem: (name, value) => kept.set(name, value),
  removeItem: (name) => kept.delete(name),
  clear: () => kept.clear(),
};

const query = `# 质溯 Qualitrace
# 左侧是示例；令牌和查阅目的写在下面的 Headers 里，写好后重新取得接口（左下角的圆箭头）。
# Examples are on the left. A token and the purpose go into the tab Headers; then fetch the schema again.
{
  __typename
}
`;
const headers = JSON.stringify({ Authorization: '', 'Qualitrace-Purpose': '' }, null, 2);

createRoot(document.getElementById('explorer')).render(
  <GraphiQL
    fetcher={fetcher}
    storage={storage}
    plugins={[examples]}
    visiblePlugin={examples}
    defaultQuery={query}
    defaultHeaders={headers}
    defaultEditorToolsVisibility="headers"
    shouldPersistHeaders={false}
    isHeadersEditorEnabled
  />,
);
