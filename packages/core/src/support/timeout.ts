/** The value of `promise`, or of `otherwise` if it takes longer. */
export async function withTimeout<T>(promise: Promise<T>, patienceInMs: number, otherwise: () => T): Promise<T> {
  let timer: ReturnType<typeof setTimeout> | undefined
  const patience = new Promise<void>((resolve) => (timer = setTimeout(resolve, patienceInMs)))
  try {
    return await Promise.race([promise, patience.then(otherwise)])
  } finally {
    clearTimeout(timer)
  }
}
