import fastifyPlugin from 'fastify-plugin'

export const errors = fastifyPlugin(async (app) => {
  app.setErrorHandler(async (/** @type {import('fastify').FastifyError} */ error, _request, reply) => {
    return reply
      .code(error.statusCode ?? 500)
      .send({ title: error.validation ? 'the request is not valid' : 'an error' })
  })
  app.setNotFoundHandler(async (_request, reply) => reply.code(404).send({ title: 'no such route' }))
})
