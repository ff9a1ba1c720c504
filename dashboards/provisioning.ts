/** What tells a Grafana server where the dashboards and their data source are. Addresses come from its environment. */
import { stringify } from 'yaml';

/** `VIGIA_PROMETHEUS_URL`: where Grafana reaches Prometheus. */
export const datasourcesYaml = (): string =>
  stringify({
    apiVersion: 1,
    datasources: [
      {
        name: 'Vigia Prometheus',
        type: 'prometheus',
        uid: 'vigia-prometheus',
        access: 'proxy',
        url: `\${VIGIA_PROMETHEUS_URL}`,
        jsonData: { httpMethod: 'POST', timeInterval: '15s' },
        editable: false,
      },
    ],
  });

/** `VIGIA_DASHBOARDS`: the folder `grafana/dashboards` of this output, as the Grafana server sees it. */
export const providersYaml = (): string =>
  stringify({
    apiVersion: 1,
    providers: [
      {
        name: 'vigia',
        orgId: 1,
        type: 'file',
        disableDeletion: true,
        allowUiUpdates: false,
        updateIntervalSeconds: 60,
        options: { path: `\${VIGIA_DASHBOARDS}`, foldersFromFilesStructure: true },
      },
    ],
  });
