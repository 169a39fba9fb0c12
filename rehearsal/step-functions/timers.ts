/** Node fires a timer of more than 2^31 - 1 ms at once. */
const LONGEST_TIMER_MS = 2_000_000_000;

/**
 * Calls back after so many seconds of real time, however many they are (a task's default timeout is three years).
 * @returns a function that cancels it
 */
export function after(seconds: number, callback: () => void): () => void {
  let left = seconds * 1000;
  let timer: NodeJS.Timeout;
  const arm = () => {
    const part = Math.min(left, LONGEST_TIMER_MS);
    left -= part;
    timer = setTimeout(left > 0 ? arm : callback, part);
  };
  arm();
  return () => clearTimeout(timer);
}
