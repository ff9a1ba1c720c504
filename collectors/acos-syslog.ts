/**
 * Syslog of A10 load balancers (ACOS) becomes ECS events: web application firewall and denial-of-service messages in CEF, the audit
 * log of administrators, other messages as they are. Sources of the formats: A10 "Event Logging Guide" (CEF messages) and "Command
 * Line Interface Reference" (show audit). The audit line, `[user] cli: [address:port] command`, could not be checked against a
 * document at hand. Samples are written by hand: not exercised against a live server.
 *
 * | ACOS writes | Event |
 * | --- | --- |
 * | `CEF:0\|A10\|…\|WAF\|sqlia-check\|…\|act=deny` | dataset acos.waf: `event.action` is the check, `event.outcome` failure when it denied |
 * | `[admin] cli: [192.0.2.5:51234] no slb virtual-server pay` | dataset acos.audit: `process.command_line` |
 * | a session opened or refused | dataset acos.audit: `event.action` session-opened, login |
 */
import type { Draft } from '../core/event.ts';
import { isoOf } from '../core/iso-time.ts';
import { maskSecrets } from '../core/secrets.ts';
import { collector, type NormaliseContext, type Normalised, reject } from './collector.ts';
import { draftOf, type Loose } from './ecs/draft.ts';
import { endpoint, endpointOf } from './ecs/endpoint.ts';
import { type Cef, cef } from './syslog/cef.ts';
import { parseSyslog, SEVERITIES, type SyslogMessage, withoutLineEnd } from './syslog/message.ts';

const utf8 = new TextDecoder('utf-8');
/** `admin ana password x` of the command line. */
const maskLine = (line: string): string =>
  maskSecrets(line).replace(
    /(\b(?:password|secret-string|secret|pre-shared-key|community)\s+(?:encrypted\s+)?)(?!<masked>)\S+/gi,
    '$1<masked>',
  );

const COMMAND =
  /\[(?<user>[^\]]{1,64})\] (?<way>cli|web|axapi|aXAPI): \[(?<from>[^\]]{2,64})\] ?(?<command>[\s\S]{1,8000})$/;
const OPENED =
  /\bA (?<way>cli|web|axapi|aXAPI) session for user "(?<user>[^"]{1,64})" from (?<from>[0-9A-Fa-f:.[\]]{2,64}) has been (?<what>opened|closed)/;
const REFUSED =
  /\bThe user, (?<user>[^,]{1,64}), from the remote host, (?<from>[0-9A-Fa-f:.[\]]{2,64}), failed in the (?<way>\w{1,12}) authentication/;

function audit(text: string): Loose<Draft> | undefined {
  const command = COMMAND.exec(text)?.groups;
  if (command !== undefined) {
    const line = command['command']!.trim();
    const isRead = /^(?:show|ping|traceroute|exit|end|enable|configure|terminal|no terminal|axdebug)\b/.test(
      line,
    );
    return {
      event: {
        dataset: 'acos.audit',
        category: ['configuration'],
        type: [isRead ? 'access' : 'change'],
        action: 'administrator-command',
      },
      process: { command_line: line },
      user: { name: command['user']! },
      source: endpointOf(command['from']),
      vigia: { acos: { way: command['way']!.toLowerCase() } },
    };
  }
  const opened = OPENED.exec(text)?.groups;
  const session = opened ?? REFUSED.exec(text)?.groups;
  if (session === undefined) return undefined;
  return {
    event: {
      dataset: 'acos.audit',
      category: ['authentication'],
      type: [opened?.['what'] === 'closed' ? 'end' : 'start'],
      action: opened === undefined ? 'login' : `session-${opened['what']}`,
      outcome: opened === undefined ? 'failure' : 'success',
    },
    user: { name: session['user']! },
    source: endpointOf(session['from']),
    vigia: { acos: { way: session['way']!.toLowerCase() } },
  };
}

function firewall({ product, version, id, name, severity, extension: x }: Cef): Loose<Draft> {
  const isDenied = /^(?:deny|denied|drop|dropped|block|blocked|reset)$/i.test(x['act'] ?? '');
  return {
    event: {
      dataset: /WAF/i.test(id) ? 'acos.waf' : 'acos.event',
      category: /WAF/i.test(id) ? ['web', 'intrusion_detection'] : ['network'],
      type: [isDenied ? 'denied' : 'info'],
      action: name,
      code: id,
      outcome: x['act'] === undefined ? undefined : isDenied ? 'failure' : 'success',
    },
    message: x['msg'] ?? name,
    observer: { vendor: 'A10', product, version },
    source: endpoint(x['src'], x['spt']),
    destination: endpoint(x['dst'], x['dpt']),
    url: { original: x['request'], domain: x['dhost'] },
    http: { request: { method: x['requestMethod'] } },
    vigia: { acos: { ...x, severity } },
  };
}

function toEvent(message: SyslogMessage, original: string, context: NormaliseContext): Draft {
  const found = cef(original);
  const made: Loose<Draft> = found === undefined ? (audit(message.text) ?? {}) : firewall(found);
  const host = message.host ?? context.host;
  const clock = message.time?.assumed ?? [];
  const { severity, text } = message;
  return draftOf({
    message: text,
    ...made,
    '@timestamp': message.time === undefined ? undefined : isoOf(message.time.ms),
    event: {
      kind: 'event',
      module: 'acos',
      provider: message.program ?? 'acos',
      category: ['host'],
      type: ['info'],
      action: 'message',
      dataset: 'acos.event',
      ...made.event,
      severity,
      original,
    },
    service: { type: 'acos' },
    host: { name: host, hostname: host },
    log: {
      level: severity === undefined ? undefined : SEVERITIES[severity],
      syslog: { appname: message.program },
    },
    vigia: {
      logsource: { product: 'a10', category: 'application', service: 'acos' },
      ...(clock.length > 0 ? { clock } : {}),
      acos: made.vigia?.['acos'] ?? {},
    },
  });
}

function normalise(raw: Uint8Array, context: NormaliseContext): Normalised {
  const line = maskLine(withoutLineEnd(utf8.decode(raw)));
  const message = parseSyslog(line, context);
  if (typeof message === 'string') return reject(message);
  return { event: toEvent(message, line, context) };
}

export const acosSyslog = collector({
  id: 'acos-syslog',
  title: 'A10 load balancers (ACOS)',
  summary:
    'What A10 load balancers send by syslog, received or in a file: web application firewall and denial-of-service messages in CEF, commands ' +
    'and sessions of administrators. Written after A10’s guides; not exercised against a live device, and the audit line is unconfirmed.',
  guarantee:
    'Files: nothing lost, nothing doubled. Received: what arrived is spooled. The device sends by UDP unless told otherwise and limits its own rate.',
  datasets: ['acos.waf', 'acos.audit', 'acos.event'],
  framing: { kind: 'lines' },
  normalise,
  /** For dead letters: the same bytes with secrets hidden. */
  mask: (raw: Uint8Array): Uint8Array => new TextEncoder().encode(maskLine(utf8.decode(raw))),
});
