// What Lambda runs: loads a function from a file, and invokes it with one event at a time. Events and results are JSON.
const { handler } = await import(/** @type {string} */ (process.argv[2]))
process.on('message', (event) => void outcomeOf(event).then((outcome) => process.send?.(outcome)))
process.send?.('started')

/** @param {unknown} event */
async function outcomeOf(event) {
  try {
    return { result: await handler(event, {}) }
  } catch (error) {
    const { name, message } = /** @type {Error} */ (error)
    return { error: { name, message } }
  }
}
