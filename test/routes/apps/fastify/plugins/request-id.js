import fastifyPlugin from 'fastify-plugin'

export const requestId = fastifyPlugin(async (app) => {
  app.addHook('onRequest', async (request, reply) => void reply.header('x-request-id', request.id))
  app.addHook('onSend', async (_request, reply, payload) => {
    reply.header('x-content-type-options', 'nosniff')
    return payload
  })
  app.addHook('onResponse', async (request, reply) => request.log.debug({ took: reply.elapsedTime }))
})
