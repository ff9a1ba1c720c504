/** A change that a person makes where Vigia has no client: it shows what to do and what to bring, and waits for both. */
import { question } from '../action.ts';
import { type TaskInput, taskInput, taskPlan } from '../task.ts';

export const personDo = question<TaskInput>({
  id: 'person.do',
  title: 'Ask a person to change something by hand',
  risk: 'destructive',
  input: taskInput,
  plan: taskPlan,
  undo: 'a person did it, so a person takes it back; the plan says how',
});
