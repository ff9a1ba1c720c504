/** What a message of nginx's error log is about, in ECS words. */

export interface ErrorKind {
  action: string;
  category: readonly string[];
  type: readonly string[];
  outcome?: 'failure';
  user?: string;
}

const web = (action: string, ...type: string[]): ErrorKind => ({
  action,
  category: ['web'],
  type,
  outcome: 'failure',
});
const login: ErrorKind = {
  action: 'web-login',
  category: ['authentication'],
  type: ['start'],
  outcome: 'failure',
};

const KINDS: readonly [RegExp, ErrorKind][] = [
  [/^user "(?<user>[^"]{0,1024})": password mismatch/, login],
  [/^user "(?<user>[^"]{0,1024})" was not found in /, login],
  [/^(?:access forbidden by rule|directory index of .* is forbidden)/s, web('access-denied', 'access')],
  [/^client sent /, web('invalid-request', 'access')],
  [/^limiting (?:requests|connections)|^delaying request/, web('rate-limited', 'access')],
  [/^(?:open|stat)\(\) ".*" failed \(2: |^".*" is not found \(2: /s, web('file-not-found', 'access')],
  [/^(?:open|stat)\(\) ".*" failed \(13: /s, web('access-denied', 'access')],
  [
    /while connecting to upstream|upstream (?:timed out|prematurely closed)|^no live upstreams/,
    web('upstream-failed', 'error'),
  ],
  [/^SSL_|^peer closed connection in SSL/, web('tls-handshake-failed', 'error')],
  [
    /client \S{1,64} closed keepalive connection/,
    { action: 'connection-closed', category: ['web'], type: ['info'] },
  ],
  [/exited on signal/, { action: 'worker-died', category: ['process'], type: ['end'], outcome: 'failure' }],
];

/** Only the beginning decides: what a client put into a path further on does not. */
const LOOK = 2_048;

export function errorKind(message: string, level: string): ErrorKind {
  const start = message.slice(0, LOOK);
  for (const [pattern, kind] of KINDS) {
    const found = pattern.exec(start);
    if (found === null) continue;
    const user = found.groups?.['user'];
    return user === undefined || user === '' ? kind : { ...kind, user };
  }
  const isError = /^(?:error|crit|alert|emerg)$/.test(level);
  return { action: 'message', category: ['web'], type: [isError ? 'error' : 'info'] };
}
