/** `vigia access …`: a privilege for a time, asked for, approved, used, ended, reviewed. */
import type { Command } from '../../command.ts';
import { approve, refuse, review, takeBack } from './decide.ts';
import { list } from './list.ts';
import { request } from './request.ts';
import { show } from './show.ts';
import { ssh } from './ssh.ts';
import { standing } from './standing.ts';

export const accessCommands: readonly Command[] = [
  request,
  list,
  show,
  approve,
  refuse,
  takeBack('end', 'give back what you no longer need; what is open is ended'),
  takeBack('revoke', 'take it back from whoever has it; what is open is ended'),
  review,
  ssh,
  standing,
];
