/** The value of `promise`, or of `otherwise` if it takes longer. */
export async function withTimeout<T>(promise: Promise<T>, timeoutInMs: number, otherwise: () => T): Promise<T> {
  let timer: ReturnType<typeof setTimeout> | undefined
  const timeout = new Promise<void>((resolve) => (timer = setTimeout(resolve, timeoutInMs)))
  try {
    return await Promise.race([promise, timeout.then(otherwise)])
  } finally {
    clearTimeout(timer)
  }
}
