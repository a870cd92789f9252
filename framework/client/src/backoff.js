// How long to wait before an attempt to come back.
//
// Promise: the wait doubles from attempt to attempt up to the maximum, and is spread at random, so that the clients of a
// server that fell do not come back all at once. In milliseconds; the factor is a share of the wait.

export function backoff(attempts, { reconnectionDelay, reconnectionDelayMax, randomizationFactor }) {
  const wait = Math.min(reconnectionDelay * 2 ** attempts, reconnectionDelayMax);
  return Math.min(wait * (1 + randomizationFactor * (2 * Math.random() - 1)), reconnectionDelayMax);
}
