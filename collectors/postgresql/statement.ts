/** What a statement does to roles, settings and files: the facts that rules ask for, whatever the spelling. */
import { statementsOf, type Token } from './tokens.ts';

export interface StatementFacts {
  /** The statement without comments, white space collapsed: `ALTER/*x*\/ROLE a` reads `ALTER ROLE a`. */
  query: string;
  /** First words: `alter role`, `copy`, `select`. */
  verbs: string[];
  /** Attributes given to roles, lower case: `superuser`, `nologin`. */
  roleAttributes: string[];
  /** Roles or users changed, created, dropped, given or deprived of memberships. */
  targets: string[];
  grantedRoles: string[];
  revokedRoles: string[];
  adminOption: boolean;
  settings: { name: string; value: string; scope: string }[];
  /** `to-file`, `to-program`, `to-client`, `from-…`. */
  copy?: string;
  /** File or program of a COPY. */
  copyTarget?: string;
}

const ATTRIBUTES = new Set(
  [
    'superuser',
    'createrole',
    'createdb',
    'replication',
    'bypassrls',
    'login',
    'inherit',
    'createuser',
  ].flatMap((name) => [name, `no${name}`]),
);
const upper = (token: Token | undefined) =>
  token?.kind === 'word' ? token.text.toUpperCase() : (token?.text ?? '');
/** A name as PostgreSQL stores it: unquoted names are folded to lower case. */
const nameOf = (token: Token) =>
  token.kind === 'quoted' || token.kind === 'string' ? token.value! : token.text.toLowerCase();
const isName = (token: Token | undefined): token is Token =>
  token?.kind === 'word' || token?.kind === 'quoted';

/** `a, "b", c` from `at` on; ends at the first token that does not go on with the list. */
function names(tokens: readonly Token[], at: number): { list: string[]; end: number } {
  const list: string[] = [];
  let i = at;
  while (isName(tokens[i])) {
    if (['GROUP', 'SESSION'].includes(upper(tokens[i])) && isName(tokens[i + 1])) i += 1;
    list.push(nameOf(tokens[i]!));
    i += 1;
    if (tokens[i]?.text !== ',') break;
    i += 1;
  }
  return { list, end: i };
}

/** `SET [SESSION|LOCAL] name = value`; names may be dotted (`pgaudit.log`). */
function setting(tokens: readonly Token[], at: number, scope: string): StatementFacts['settings'] {
  let i = at;
  if (['SESSION', 'LOCAL'].includes(upper(tokens[i]))) i += 1;
  if (!isName(tokens[i])) return [];
  let name = nameOf(tokens[i]!);
  for (i += 1; tokens[i]?.text === '.' && isName(tokens[i + 1]); i += 2) name += `.${nameOf(tokens[i + 1]!)}`;
  if (tokens[i]?.text !== '=' && upper(tokens[i]) !== 'TO') return [];
  const value = tokens
    .slice(i + 1)
    .map((token) => (token.kind === 'string' ? token.value! : token.text))
    .join(' ');
  return [{ name, value: value.slice(0, 1_000), scope }];
}

function roles(tokens: readonly Token[], facts: StatementFacts): void {
  if (upper(tokens[2]) === 'MAPPING' || !isName(tokens[2])) return;
  facts.targets.push(nameOf(tokens[2]));
  const setAt = tokens.findIndex((token) => upper(token) === 'SET');
  if (setAt > 0) facts.settings.push(...setting(tokens, setAt + 1, 'role'));
  for (let i = 3; i < (setAt > 0 ? setAt : tokens.length); i += 1) {
    const word = upper(tokens[i]);
    if (ATTRIBUTES.has(word.toLowerCase())) facts.roleAttributes.push(word.toLowerCase());
    // CREATE ROLE x IN ROLE a, b; CREATE ROLE x ROLE y, ADMIN z; ALTER GROUP g ADD USER u.
    if (word === 'IN' && ['ROLE', 'GROUP'].includes(upper(tokens[i + 1]))) {
      facts.grantedRoles.push(...names(tokens, i + 2).list);
      i += 1;
    } else if (word === 'ADD' && upper(tokens[i + 1]) === 'USER') {
      facts.grantedRoles.push(...facts.targets.splice(0, 1));
      facts.targets.push(...names(tokens, i + 2).list);
      i += 1;
    }
  }
}

/** `GRANT a, b TO x` gives memberships; `GRANT … ON … TO x` gives privileges. */
function grant(tokens: readonly Token[], facts: StatementFacts, word: 'TO' | 'FROM'): void {
  const at = tokens.findIndex((token) => upper(token) === word);
  if (at < 0) return;
  facts.targets.push(...names(tokens, at + 1).list);
  if (tokens.slice(0, at).some((token) => upper(token) === 'ON')) return;
  const start = upper(tokens[1]) === 'ADMIN' && upper(tokens[2]) === 'OPTION' ? 4 : 1;
  (word === 'TO' ? facts.grantedRoles : facts.revokedRoles).push(...names(tokens, start).list);
  facts.adminOption = word === 'TO' && tokens.slice(at).some((token) => upper(token) === 'ADMIN');
}

function copy(tokens: readonly Token[], facts: StatementFacts): void {
  let depth = 0;
  for (let i = 1; i < tokens.length; i += 1) {
    if (tokens[i]!.text === '(') depth += 1;
    if (tokens[i]!.text === ')') depth -= 1;
    const direction = upper(tokens[i]);
    if (depth !== 0 || (direction !== 'TO' && direction !== 'FROM')) continue;
    const program = upper(tokens[i + 1]) === 'PROGRAM';
    const target = tokens[program ? i + 2 : i + 1];
    facts.copy = `${direction.toLowerCase()}-${program ? 'program' : target?.kind === 'string' ? 'file' : 'client'}`;
    if (target?.kind === 'string') facts.copyTarget = target.value!;
    return;
  }
}

/** `set_config('name', 'value', …)` inside any statement is a SET by another name. */
function setConfig(tokens: readonly Token[], facts: StatementFacts): void {
  tokens.forEach((token, at) => {
    const [open, name, comma, value] = tokens.slice(at + 1, at + 5);
    if (
      nameOf(token) !== 'set_config' ||
      open?.text !== '(' ||
      name?.kind !== 'string' ||
      comma?.text !== ','
    )
      return;
    facts.settings.push({
      name: name.value!.toLowerCase(),
      value: value?.value ?? value?.text ?? '',
      scope: 'session',
    });
  });
}

/** Facts of all statements in the text (already masked); several are separated by `;`. */
export function statementFacts(sql: string): StatementFacts {
  const facts: StatementFacts = {
    ...{
      query: '',
      verbs: [],
      roleAttributes: [],
      targets: [],
      grantedRoles: [],
      revokedRoles: [],
      adminOption: false,
    },
    settings: [],
  };
  const queries: string[] = [];
  for (const tokens of statementsOf(sql)) {
    const [first, second] = [upper(tokens[0]), upper(tokens[1])];
    queries.push(joined(tokens));
    facts.verbs.push(
      ['CREATE', 'ALTER', 'DROP'].includes(first) ? `${first} ${second}`.toLowerCase() : first.toLowerCase(),
    );
    const isRole = ['ROLE', 'USER', 'GROUP'].includes(second);
    if ((first === 'CREATE' || first === 'ALTER') && isRole) roles(tokens, facts);
    else if (first === 'DROP' && isRole)
      facts.targets.push(...names(tokens, upper(tokens[2]) === 'IF' ? 4 : 2).list);
    else if (first === 'GRANT') grant(tokens, facts, 'TO');
    else if (first === 'REVOKE') grant(tokens, facts, 'FROM');
    else if (first === 'COPY') copy(tokens, facts);
    else if (first === 'SET') facts.settings.push(...setting(tokens, 1, 'session'));
    else if (first === 'ALTER' && (second === 'SYSTEM' || second === 'DATABASE')) {
      const at = tokens.findIndex((token) => upper(token) === 'SET');
      if (at > 0) facts.settings.push(...setting(tokens, at + 1, second.toLowerCase()));
    }
    setConfig(tokens, facts);
  }
  facts.query = queries.join('; ');
  return facts;
}

/** Tokens with one blank where the text had white space or a comment, none elsewhere. */
function joined(tokens: readonly Token[]): string {
  let text = '';
  let end = tokens[0]?.start ?? 0;
  for (const token of tokens) {
    text += (token.start > end ? ' ' : '') + token.text;
    end = token.start + token.text.length;
  }
  return text;
}
