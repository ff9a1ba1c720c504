/** Something that a person looks up where Vigia cannot look: it shows the question and waits for the answer. */
import { question } from '../action.ts';
import { type TaskInput, taskInput, taskPlan } from '../task.ts';

export const personConfirm = question<TaskInput>({
  id: 'person.confirm',
  title: 'Ask a person to look and confirm',
  risk: 'read',
  input: taskInput,
  plan: taskPlan,
  undo: 'nothing was changed',
});
