/**
 * What becomes of Green when an execution fails before the switchover.
 */
export enum ExecutionFailurePolicy {
  /** It stays, and costs money. The next execution goes on with it: what is done stays done. */
  KEEP_GREEN = 'keepGreen',

  /**
   * Blue's binlog retention is put back, and Green is deleted together with its deployment and the parameter group that was made for it; then the execution
   * fails with the error it had. The next execution begins anew, with a new Green.
   *
   * Green is kept nevertheless where somebody may still want it: when an approval was refused, not answered or could not be asked for; once
   * `beforeSwitchover` has run or a switchover was asked for; while another execution is running, or where that cannot be found out; when the stack or the
   * plan has changed; when an execution was stopped by somebody; and by executions with an `action` or `preflightOnly`. It stays, too, where the deletion
   * itself fails. The message of the failure says what became of it.
   */
  DELETE_GREEN = 'deleteGreen',
}
