/**
 * Classes and types of incidents with their Portuguese labels: RSIT 1003 (ENISA and TF-CSIRT, CC0), labels of CNCS
 * "Taxonomia – Classificação de Incidentes" (CS DOC.006). `proposed` marks types that have no official label there yet.
 */

/** Root causes: the last legislated list (Decreto-Lei 65/2021 art. 16(1)), until CNCS publishes another. */
export const CAUSES = {
  system_failure: 'Falha de sistema',
  natural_phenomenon: 'Fenómeno natural',
  human_error: 'Erro humano',
  malicious_attack: 'Ataque malicioso',
  third_party_failure: 'Falha no fornecimento de bens ou serviços por terceiro',
} as const;
export type CauseCode = keyof typeof CAUSES;

interface TaxonomyClass {
  label: string;
  types: Record<string, string | { proposed: string }>;
}

/** The RSIT class `test` is left out on purpose: it is never exported. */
export const CLASSES: Record<string, TaxonomyClass> = {
  'abusive-content': {
    label: 'Conteúdo Abusivo',
    types: {
      spam: 'SPAM',
      'harmful-speech': 'Discurso Nocivo',
      violence: 'Exploração sexual de menores, racismo e apologia da violência',
    },
  },
  'malicious-code': {
    label: 'Código Malicioso',
    types: {
      'infected-system': 'Sistema Infetado',
      'c2-server': 'Servidor C2',
      'malware-distribution': 'Distribuição de Malware',
      'malware-configuration': 'Configuração de Malware',
    },
  },
  'information-gathering': {
    label: 'Recolha de Informação',
    types: { scanner: 'Scanning', sniffing: 'Sniffing', 'social-engineering': 'Engenharia Social' },
  },
  'intrusion-attempts': {
    label: 'Tentativa de Intrusão',
    types: {
      'ids-alert': 'Exploração de Vulnerabilidade',
      'brute-force': 'Tentativa de Login',
      exploit: 'Nova assinatura de ataque',
    },
  },
  intrusions: {
    label: 'Intrusão',
    types: {
      'privileged-account-compromise': 'Compromisso de Conta Privilegiada',
      'unprivileged-account-compromise': 'Compromisso de Conta Não Privilegiada',
      'application-compromise': 'Compromisso de Aplicação',
      'system-compromise': { proposed: 'Compromisso de Sistema' },
      burglary: 'Arrombamento',
    },
  },
  availability: {
    label: 'Disponibilidade',
    types: {
      dos: 'Negação de Serviço',
      ddos: 'Negação de Serviço Distribuída',
      misconfiguration: 'Configuração incorreta',
      sabotage: 'Sabotagem',
      outage: 'Interrupção',
    },
  },
  'information-content-security': {
    label: 'Segurança da Informação',
    types: {
      'unauthorised-information-access': 'Acesso não autorizado',
      'unauthorised-information-modification': 'Modificação não autorizada',
      'data-loss': 'Perda de dados',
      'data-leak': { proposed: 'Exfiltração / fuga de informação' },
    },
  },
  fraud: {
    label: 'Fraude',
    types: {
      'unauthorised-use-of-resources': 'Utilização indevida ou não autorizada de recursos',
      copyright: 'Direitos de autor',
      masquerade: 'Utilização ilegítima de nome de terceiros',
      phishing: 'Phishing',
    },
  },
  vulnerable: {
    label: 'Vulnerabilidade',
    types: {
      'weak-crypto': 'Criptografia fraca',
      'ddos-amplifier': 'Amplificador DDoS',
      'potentially-unwanted-accessible': 'Serviços acessíveis potencialmente indesejados',
      'information-disclosure': 'Revelação de informação',
      'vulnerable-system': 'Sistema vulnerável',
    },
  },
  other: { label: 'Outro', types: { other: 'Sem tipo', undetermined: 'Indeterminado' } },
};

/** `Intrusão: Compromisso de Conta Privilegiada [rsit:intrusions="privileged-account-compromise"]` */
export function effectText(effect: { class: string; type: string; detail?: string }): string {
  const known = CLASSES[effect.class];
  const type = known?.types[effect.type];
  const label = typeof type === 'string' ? type : (type?.proposed ?? effect.type);
  const detail = effect.detail === undefined ? '' : `: ${effect.detail}`;
  return `${known?.label ?? effect.class} – ${label} [rsit:${effect.class}="${effect.type}"]${detail}`;
}
