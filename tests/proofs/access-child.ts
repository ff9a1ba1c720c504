/** The process that the crash proof of access kills. */
import { type AccessLifeOptions, liveAccess } from './access-life.ts';

// The parent hands over one JSON argument; its shape is the type.
await liveAccess(JSON.parse(process.argv[2] ?? '') as AccessLifeOptions);
