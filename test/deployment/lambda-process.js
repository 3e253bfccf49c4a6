// What Lambda runs: loads a function from a file, and invokes it with one event at a time. Events and results are JSON.
const { handler } = await import(/** @type {string} */ (process.argv[2]))
process.on('message', async (event) => {
  try {
    process.send?.({ result: await handler(event, {}) })
  } catch (error) {
    const { name, message } = /** @type {Error} */ (error)
    process.send?.({ error: { name, message } })
  }
})
process.send?.('started')
