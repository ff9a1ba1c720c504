/** The host behind Prometheus’s label `instance`. */
import { isIP } from 'node:net';
import { endpointOf } from '../ecs/endpoint.ts';

/** `10.0.0.7:9100`, `srv-app-07`, `https://portal.example.test/` (the target of a probe). */
export function hostOfInstance(instance: string | undefined): { name?: string; ip?: string[] } {
  if (instance === undefined) return {};
  const [, inUrl] = /^https?:\/\/([^/]+)/.exec(instance) ?? [];
  const where = endpointOf(inUrl ?? instance);
  if (where === undefined) return {};
  return isIP(where.address) > 0 ? { name: where.address, ip: [where.address] } : { name: where.address };
}
