/**
 * Receives syslog datagrams into the disk spool. Nobody can be asked to wait: what the kernel drops because we were too slow, and
 * what finds no room in the spool, is counted, and told by a record that becomes a dead letter, so that the ledger shows the gap.
 */
import { createSocket } from 'node:dgram';
import { type Listener, type ListenOptions, parseAddress } from './listen.ts';
import { kernelDrops } from './udp-drops.ts';

const RECEIVE_BUFFER_BYTES = 8 * 1_024 * 1_024;
/** How often the kernel is asked. */
const LOOK_MS = 10_000;

export interface UdpOptions extends ListenOptions {
  /** Hears of every datagram that found no room in the spool. */
  dropped?: () => void;
  lookMs?: number;
  /** Hears how many datagrams the kernel dropped since it was last told. */
  kernelDropped?: (count: number) => void;
}

const REASONS = {
  kernel: 'datagrams were dropped by the kernel, because they were not read fast enough',
  spool: 'datagrams were dropped, because the spool was full',
} as const;

export async function listenUdp(address: string, options: UdpOptions): Promise<Listener> {
  const { spool, now, warn } = options;
  const { host, port } = parseAddress(address);
  const socket = createSocket({
    type: host.includes(':') ? 'udp6' : 'udp4',
    recvBufferSize: RECEIVE_BUFFER_BYTES,
  });
  /** Not told yet. */
  const lost = { kernel: 0, spool: 0 };
  let isTelling = false;
  const tell = () => {
    for (const where of ['kernel', 'spool'] as const) {
      if (lost[where] === 0) continue;
      const reason = `${lost[where]} ${REASONS[where]}`;
      lost[where] = 0;
      warn(reason);
      spool.append({ bytes: new Uint8Array(), broken: reason, receivedMs: now(), peer: '' });
    }
  };
  /** Tells once there is room. */
  const tellLater = async () => {
    if (isTelling) return;
    isTelling = true;
    await spool.flush();
    if (spool.isFull) await spool.room();
    isTelling = false;
    tell();
  };
  let known = 0;
  const look = async () => {
    const drops = (await kernelDrops(socket.address())) ?? known;
    // Two looks at once may end in the other order.
    if (drops <= known) return;
    lost.kernel += drops - known;
    options.kernelDropped?.(drops - known);
    known = drops;
  };
  socket.on('message', (bytes, peer) => {
    if (!spool.isFull) return spool.append({ bytes, receivedMs: now(), peer: peer.address });
    options.dropped?.();
    lost.spool += 1;
    void tellLater();
  });
  socket.on('error', (cause) => warn(`syslog datagrams: ${cause.message}`));
  await new Promise<void>((resolve, reject) => {
    socket.once('error', reject);
    socket.bind(port, host, resolve);
  });
  const looking = setInterval(async () => {
    await look();
    if (lost.kernel > 0) await tellLater();
  }, options.lookMs ?? LOOK_MS);
  return {
    address: { host, port: socket.address().port },
    async close() {
      clearInterval(looking);
      await look();
      tell();
      await new Promise<void>((resolve) => socket.close(resolve));
    },
  };
}
