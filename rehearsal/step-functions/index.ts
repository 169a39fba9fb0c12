export { TaskError } from './errors';
export { Execution, type ExecutionResult, type ExecutionStatus } from './execution';
export { type HistoryEvent, type HistoryEventDetails, type HistoryEventType } from './history';
export { StateMachine, type StartExecutionOptions, type StateMachineOptions } from './state-machine';
export { type TaskHandler, type TaskRequest } from './task-attempt';
