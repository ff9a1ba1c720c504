/** The settings files of one domain controller and of the tools that talk to it. */

export interface SettingsInput {
  readonly folder: string;
  readonly address: string;
  readonly realm: string;
  readonly host: string;
}

export interface SettingsTexts {
  readonly server: string;
  readonly client: string;
  readonly kerberos: string;
}

export function sambaSettings({ folder, address, realm, host }: SettingsInput): SettingsTexts {
  const domain = realm.toLowerCase();
  const audit = ['auth', 'dsdb', 'dsdb_password', 'dsdb_group', 'dsdb_transaction']
    .map((area) => `${area}_json_audit:5@${folder}/log/${area.replace('dsdb_', '')}.json`)
    .join(' ');
  const server = `[global]
  server role = active directory domain controller
  realm = ${realm}
  workgroup = ${domain.split('.')[0]!.toUpperCase()}
  netbios name = ${host.split('.')[0]!.toUpperCase()}
  interfaces = ${address}/8
  bind interfaces only = yes
  private dir = ${folder}/private
  lock directory = ${folder}
  state directory = ${folder}/state
  cache directory = ${folder}/cache
  binddns dir = ${folder}/bind-dns
  pid directory = ${folder}/run
  ncalrpc dir = ${folder}/ncalrpc
  ntp signd socket directory = ${folder}/run/ntp_signd
  # Empty: nothing asks the machine's own resolver.
  dns forwarder =
  disable netbios = yes
  smb ports = 445
  # dnsupdate registers the controller's own service names; without it Kerberos logons to it fail.
  server services = s3fs, rpc, ldap, cldap, kdc, drepl, winbindd, kcc, dns, dnsupdate
  rpc server dynamic port range = 49152-49200
  idmap_ldb:use rfc2307 = yes
  ldap server require strong auth = no
  tls enabled = yes
  tls keyfile = ${folder}/pki/key.pem
  tls certfile = ${folder}/pki/cert.pem
  tls cafile = ${folder}/pki/ca.pem
  logging = file
  log file = ${folder}/log/samba.log
  max log size = 0
  log level = 1 ${audit} kerberos:3
[netlogon]
  path = ${folder}/state/sysvol/${domain}/scripts
  read only = no
[sysvol]
  path = ${folder}/state/sysvol
  read only = no
`;
  // The default check of the peer asks for a revocation list and fails without one.
  const client = `[global]
  realm = ${realm}
  workgroup = ${domain.split('.')[0]!.toUpperCase()}
  private dir = ${folder}/client
  lock directory = ${folder}/client
  state directory = ${folder}/client
  cache directory = ${folder}/client
  tls cafile = ${folder}/pki/ca.pem
  tls verify peer = ca_and_name
  client min protocol = SMB2
`;
  const kerberos = `[libdefaults]
  default_realm = ${realm}
  dns_lookup_realm = false
  dns_lookup_kdc = false
  rdns = false
[realms]
  ${realm} = {
    kdc = ${address}
    kpasswd_server = ${address}
    admin_server = ${address}
  }
[domain_realm]
  .${domain} = ${realm}
  ${domain} = ${realm}
`;
  return { server, client, kerberos };
}
