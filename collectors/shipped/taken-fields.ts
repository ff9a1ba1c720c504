/** ECS fields that are taken over from documents of shippers; every other value becomes a label. */

/** Field set → its fields. Names as ECS 9 publishes them. */
const SETS: Readonly<Record<string, string>> = {
  agent: 'name type version id ephemeral_id',
  client: 'address ip port domain bytes packets user.name',
  cloud: 'provider region availability_zone account.id account.name instance.id instance.name service.name',
  container: 'id name runtime image.name image.tag',
  destination: 'address ip port domain mac bytes packets user.name geo.country_iso_code',
  dns: 'id type op_code response_code question.name question.type question.class resolved_ip',
  error: 'code id message type stack_trace',
  file: 'path name directory extension owner group mode size hash.md5 hash.sha1 hash.sha256 target_path',
  group: 'id name domain',
  host: 'name hostname id ip mac type architecture domain os.name os.family os.version os.platform os.type os.kernel os.full',
  http: 'version request.method request.id request.referrer request.bytes response.status_code response.bytes',
  log: 'logger file.path syslog.appname syslog.hostname syslog.msgid syslog.procid syslog.priority',
  network: 'transport protocol type direction community_id bytes packets application name',
  observer: 'name hostname ip type vendor product version serial_number',
  orchestrator: 'cluster.name namespace resource.name resource.type type',
  organization: 'id name',
  process:
    'pid name executable command_line args working_directory entity_id exit_code title thread.id thread.name hash.md5 hash.sha256 ' +
    'parent.pid parent.name parent.executable parent.command_line parent.entity_id user.name user.id',
  rule: 'id name category description uuid version',
  server: 'address ip port domain',
  service: 'name type version environment id node.name',
  source: 'address ip port domain mac bytes packets user.name geo.country_iso_code',
  span: 'id',
  tls: 'version cipher server.subject client.subject',
  trace: 'id',
  transaction: 'id',
  url: 'original full path query domain scheme port',
  user: 'name id domain email full_name effective.name effective.id target.name target.id changes.name',
  user_agent: 'original name version',
};

const FIELDS = new Set([
  'tags',
  ...Object.entries(SETS).flatMap(([set, fields]) => fields.split(' ').map((field) => `${set}.${field}`)),
]);

export const isTaken = (path: string): boolean => FIELDS.has(path);
