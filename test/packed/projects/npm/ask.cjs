/** Serves an API, and returns the statuses of its guarded route for an admin, without credentials, and for a member. */
exports.ask = async function ask(startLocalClerk, serve) {
  const local = await startLocalClerk()
  Object.assign(process.env, local.env)
  const { url, close } = await serve()
  const status = async (headers) => (await fetch(`${url}/admin`, { headers })).status
  const bearer = async (user) => ({ Authorization: `Bearer ${await local.sessionToken({ user })}` })
  const statuses = [await status(await bearer('alice')), await status({}), await status(await bearer('bob'))]
  await Promise.all([close(), local.close()])
  return statuses
}

/** Waits until a server listens, and returns its URL and how to close it. */
exports.served = async function served(server) {
  if (!server.listening) await new Promise((resolve) => server.once('listening', resolve))
  return {
    url: `http://127.0.0.1:${server.address().port}`,
    close: () => new Promise((resolve) => (server.closeAllConnections(), server.close(resolve))),
  }
}
