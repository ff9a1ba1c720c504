/**
 * Oracle's audit files become the events of its audit trail: XML (`audit_trail = xml`, "Database Security Guide") with the
 * statement where `extended` is on, and the lines that unified auditing sends to syslog (`unified_audit_systemlog`), which hold
 * key fields only. Neither tells the client's address.
 */
import { isoOf } from '../core/iso-time.ts';
import { collector, type NormaliseContext, type Normalised, reject } from './collector.ts';
import { ACTION_NAMES } from './oracle/actions.ts';
import { type AuditFields, auditEvent, maskFields } from './oracle/event.ts';
import { unescapeXml } from './oracle/xml.ts';
import { maskStatement } from './statement/mask.ts';
import { bsdTime, isoTime } from './syslog/time.ts';

const utf8 = new TextDecoder('utf-8');
const RECORD = '<AuditRecord>';
const BEGINS = /^\s*<(?:AuditRecord>|\?xml )|Oracle Unified Audit\[\d+\]/;
/** The head of a file belongs to its first record. */
const HEAD = /^\s*<(?:\?xml |Audit |Version>)/;

/** Elements of an XML record and keys of a syslog line, as columns of the unified trail. */
const COLUMNS: Readonly<Record<string, string>> = {
  ...{ Extended_Timestamp: 'at', Session_Id: 'sessionid', DB_User: 'dbusername', OS_User: 'os_username' },
  ...{
    Userhost: 'userhost',
    Terminal: 'terminal',
    Object_Schema: 'object_schema',
    Object_Name: 'object_name',
  },
  ...{
    Action: 'action',
    Returncode: 'return_code',
    Grantee: 'target_user',
    Priv_Used: 'system_privilege_used',
  },
  ...{ Sql_Text: 'sql_text', Sql_Bind: 'sql_binds', Client_Id: 'client_identifier' },
  ...{
    SESID: 'sessionid',
    DBUSER: 'dbusername',
    CURUSER: 'current_user',
    ACTION: 'action',
    RETCODE: 'return_code',
  },
  ...{ SCHEMA: 'object_schema', OBJNAME: 'object_name', CLIENTID: 'client_identifier', PDB_GUID: 'pdb' },
};
const TEXT_AT = /(<Sql_(?:Text|Bind)>)([\s\S]*?)(<\/Sql_(?:Text|Bind)>|$)/g;

/** What lies between the tags of one element. Oracle writes `<` inside a text as `&lt;`. */
function elementOf(text: string, name: string): string {
  const from = text.indexOf(`<${name}>`);
  const to = from < 0 ? -1 : text.indexOf(`</${name}>`, from);
  return to < 0 ? '' : unescapeXml(text.slice(from + name.length + 2, to));
}

function pairs(text: string): [string, string][] {
  const at = text.indexOf(RECORD);
  if (at >= 0) return Object.keys(COLUMNS).map((name) => [name, elementOf(text.slice(at), name)]);
  return [...text.matchAll(/\b([A-Z_]{3,20}):"((?:[^"]|"")*)"/g)].map(([, name, value]) => [name!, value!]);
}

function fieldsOf(text: string, context: NormaliseContext): AuditFields | undefined {
  const fields: Record<string, string> = {};
  for (const [name, value] of pairs(text)) {
    const column = COLUMNS[name];
    if (column !== undefined && value !== '') fields[column] = value;
  }
  const [, bsd] = /^(?:<\d{1,3}>)?([A-Z][a-z]{2} [ \d]\d \d{2}:\d{2}:\d{2}) /.exec(text) ?? [];
  const [, iso] = /^(?:<\d{1,3}>\d? ?)?(\d{4}-\d{2}-\d{2}T[\d:.]+(?:Z|[+-]\d{2}:\d{2})) /.exec(text) ?? [];
  const ms = bsd ? bsdTime(bsd, context)?.ms : iso ? isoTime(iso, context)?.ms : undefined;
  if (ms !== undefined) fields['at'] = isoOf(ms);
  const { action, ...rest } = fields;
  if (action === undefined) return undefined;
  return maskFields({ ...rest, action_name: ACTION_NAMES[action] ?? `ACTION ${action}` });
}

function maskRecord(text: string): string {
  if (!text.includes('<Sql_')) return maskStatement(text);
  return text.replace(TEXT_AT, (all, before: string, escaped: string, after: string) => {
    const sql = unescapeXml(escaped);
    const masked = maskStatement(sql);
    return masked === sql ? all : before + masked + after;
  });
}

export const oracleAuditFile = collector({
  id: 'oracle-audit-file',
  title: 'Oracle audit files',
  summary:
    'Reads the XML audit files of Oracle (audit_trail = xml or xml, extended) and the lines of unified auditing in syslog. Not exercised ' +
    'against a live server: samples follow Oracle’s documentation.',
  guarantee:
    'Files: nothing lost, nothing doubled. The last record waits for the next one, or a second of silence. Syslog lines have no ' +
    'statement text, and a time without year and zone where the syslog service writes none.',
  datasets: ['oracle.audit'],
  framing: {
    kind: 'lines',
    continues(line: Uint8Array, before: Uint8Array) {
      const text = utf8.decode(line);
      return !BEGINS.test(text) || (text.includes(RECORD) && HEAD.test(utf8.decode(before)));
    },
  },
  normalise(raw: Uint8Array, context: NormaliseContext): Normalised {
    const text = utf8.decode(raw);
    const fields = fieldsOf(text, context);
    if (fields === undefined)
      return reject('neither an <AuditRecord> with an <Action> nor a syslog line of Oracle Unified Audit');
    return auditEvent(fields, maskRecord(text), context);
  },
  mask: (raw: Uint8Array): Uint8Array => new TextEncoder().encode(maskRecord(utf8.decode(raw))),
});
