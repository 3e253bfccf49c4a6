import type {
  APIGatewayProxyEvent,
  APIGatewayProxyEventV2WithRequestContext,
  APIGatewayRequestAuthorizerEventV2,
  APIGatewayTokenAuthorizerEvent,
  APIGatewayEventRequestContextV2WithAuthorizer,
} from 'aws-lambda'
import { randomUUID } from 'node:crypto'
import { once } from 'node:events'
import { createServer, type IncomingMessage, type ServerResponse } from 'node:http'
import type { AddressInfo } from 'node:net'
import type { LambdaFunction } from './lambda.js'

// Does what API Gateway does for a Lambda function: it turns HTTP requests into events, and results into responses.
// https://docs.aws.amazon.com/apigateway/latest/developerguide/http-api-develop-integrations-lambda.html
// https://docs.aws.amazon.com/apigateway/latest/developerguide/set-up-lambda-proxy-integrations.html

/** The kinds of API. Their events have the formats 2.0 and 1.0. */
export type Kind = 'HTTP API' | 'REST API'

interface Gateway {
  readonly url: string
  readonly close: () => void
}

interface Answer {
  readonly statusCode: number
  readonly headers?: Readonly<Record<string, string>>
  readonly multiValueHeaders?: Readonly<Record<string, readonly string[]>>
  readonly cookies?: readonly string[]
  readonly body?: string
}

/** What the function learns of an authorizer; `undefined` without one. */
type Context = Readonly<Record<string, unknown>> | undefined

const ACCOUNT = '123456789012'
const API = 'a1b2c3d4e5'
const DOMAIN = `${API}.execute-api.eu-central-1.amazonaws.com`
const ARN = `arn:aws:execute-api:eu-central-1:${ACCOUNT}:${API}`

/** Starts an API on loopback, with a function behind it, and perhaps an authorizer before that function. */
export async function startApiGateway(kind: Kind, api: LambdaFunction, authorizer?: LambdaFunction): Promise<Gateway> {
  const [authorize, eventOf, respond] =
    kind === 'HTTP API'
      ? ([authorizeHttp, eventV2, respondHttp] as const)
      : ([authorizeRest, eventV1, respondRest] as const)
  const answerTo = async (request: IncomingMessage): Promise<Answer> => {
    const authorized = authorizer ? await authorize(request, authorizer) : { context: undefined }
    if ('statusCode' in authorized) return authorized
    const event = eventOf(request, await bodyOf(request), authorized.context)
    // A function that throws is a bad gateway, not an internal error.
    return api.invoke(event).catch(() => refusal(502, 'Internal server error')) as Promise<Answer>
  }
  const server = createServer((request, response) => void answerTo(request).then((answer) => respond(response, answer)))
  await once(server.listen(0, '127.0.0.1'), 'listening')
  return { url: `http://127.0.0.1:${(server.address() as AddressInfo).port}`, close: () => server.close() }
}

/** Asks an authorizer with format 2.0 and simple responses. */
async function authorizeHttp(
  request: IncomingMessage,
  authorizer: LambdaFunction,
): Promise<Answer | { readonly context: Context }> {
  const token = headersOf(request).get('authorization')?.join(',')
  if (!token) return refusal(401, 'Unauthorized') // The identity source is missing, so no function is invoked.
  const { version, rawPath, rawQueryString, cookies, headers, requestContext } = eventV2(request, '')
  const event: APIGatewayRequestAuthorizerEventV2 = {
    version,
    type: 'REQUEST',
    routeArn: `${ARN}/$default/${request.method}${rawPath}`,
    identitySource: [token],
    routeKey: '$default',
    rawPath,
    rawQueryString,
    ...(cookies && { cookies }),
    headers,
    requestContext,
  } as APIGatewayRequestAuthorizerEventV2
  try {
    const { isAuthorized, context } = (await authorizer.invoke(event)) as { isAuthorized: boolean; context: Context }
    return isAuthorized ? { context } : refusal(403, 'Forbidden')
  } catch {
    return refusal(500, 'Internal Server Error')
  }
}

/** Asks an authorizer of type TOKEN. */
async function authorizeRest(
  request: IncomingMessage,
  authorizer: LambdaFunction,
): Promise<Answer | { readonly context: Context }> {
  const [token] = headersOf(request).get('authorization') ?? []
  if (!token) return refusal(401, 'Unauthorized')
  const methodArn = `${ARN}/prod/${request.method}${pathOf(request).path}`
  const event: APIGatewayTokenAuthorizerEvent = { type: 'TOKEN', authorizationToken: token, methodArn }
  try {
    const { principalId, policyDocument, context } = (await authorizer.invoke(event)) as {
      principalId: string
      policyDocument: { Statement: readonly { Effect: string; Resource: string }[] }
      context: Context
    }
    const isAllowed = policyDocument.Statement.some(
      ({ Effect, Resource }) => Effect === 'Allow' && Resource === methodArn,
    )
    return isAllowed ? { context: { principalId, ...context } } : refusal(403, 'User is not authorized')
  } catch (error) {
    return (error as Error).message === 'Unauthorized' ? refusal(401, 'Unauthorized') : refusal(500, 'null')
  }
}

function refusal(statusCode: number, message: string): Answer {
  return { statusCode, headers: { 'content-type': 'application/json' }, body: JSON.stringify({ message }) }
}

type EventV2 = APIGatewayProxyEventV2WithRequestContext<
  APIGatewayEventRequestContextV2WithAuthorizer<{ readonly lambda: Context } | undefined>
>

/** Names of headers are in lower case, repeated ones are joined by commas, and cookies are in a list of their own. */
function eventV2(request: IncomingMessage, body: string, context?: Context): EventV2 {
  const { path, query } = pathOf(request)
  const { cookie, ...headers } = Object.fromEntries(
    [...headersOf(request)].map(([name, values]) => [name, values.join(',')]),
  )
  const now = new Date()
  return {
    version: '2.0',
    routeKey: '$default',
    rawPath: path,
    rawQueryString: query.toString(),
    ...(cookie !== undefined && { cookies: cookie.split(/; */) }),
    headers,
    ...(query.size > 0 && { queryStringParameters: Object.fromEntries(query) }),
    requestContext: {
      accountId: ACCOUNT,
      apiId: API,
      ...(context && { authorizer: { lambda: context } }),
      domainName: DOMAIN,
      domainPrefix: API,
      http: {
        method: request.method!,
        path,
        protocol: 'HTTP/1.1',
        sourceIp: '192.0.2.7',
        userAgent: headers['user-agent'] ?? '',
      },
      requestId: randomUUID(),
      routeKey: '$default',
      stage: '$default',
      time: now.toUTCString(),
      timeEpoch: now.getTime(),
    } as EventV2['requestContext'],
    ...(body && { body }),
    isBase64Encoded: false,
  }
}

/** Names of headers are as the client wrote them, and every header is there twice: its last value, and all values. */
function eventV1(request: IncomingMessage, body: string, context?: Context): APIGatewayProxyEvent {
  const { path, query } = pathOf(request)
  const multiValueHeaders = Object.fromEntries(headersOf(request, (name) => name))
  return {
    resource: '/{proxy+}',
    path,
    httpMethod: request.method!,
    headers: Object.fromEntries(Object.entries(multiValueHeaders).map(([name, values]) => [name, values.at(-1)])),
    multiValueHeaders,
    queryStringParameters: query.size > 0 ? Object.fromEntries(query) : null,
    multiValueQueryStringParameters:
      query.size > 0 ? Object.fromEntries([...query.keys()].map((name) => [name, query.getAll(name)])) : null,
    pathParameters: { proxy: path.slice(1) },
    stageVariables: null,
    requestContext: {
      accountId: ACCOUNT,
      apiId: API,
      authorizer: context,
      domainName: DOMAIN,
      domainPrefix: API,
      httpMethod: request.method,
      identity: { sourceIp: '192.0.2.7', userAgent: request.headers['user-agent'] ?? null },
      path: `/prod${path}`,
      protocol: 'HTTP/1.1',
      requestId: randomUUID(),
      requestTimeEpoch: Date.now(),
      resourceId: 'f6g7h8',
      resourcePath: '/{proxy+}',
      stage: 'prod',
    } as unknown as APIGatewayProxyEvent['requestContext'],
    body: body || null,
    isBase64Encoded: false,
  }
}

function respondHttp(response: ServerResponse, { statusCode, headers, cookies, body = '' }: Answer): void {
  response.writeHead(statusCode, { ...headers, ...(cookies && { 'set-cookie': [...cookies] }) }).end(body)
}

/** A REST API renames this header, so that it does not make browsers ask for a password. */
function respondRest(response: ServerResponse, { statusCode, headers, multiValueHeaders, body = '' }: Answer): void {
  for (const [name, value] of Object.entries({ ...headers, ...multiValueHeaders }))
    response.setHeader(name.toLowerCase() === 'www-authenticate' ? 'x-amzn-remapped-www-authenticate' : name, value)
  response.writeHead(statusCode).end(body)
}

function pathOf({ url = '/' }: IncomingMessage): { readonly path: string; readonly query: URLSearchParams } {
  const [path = '/', query] = url.split('?')
  return { path, query: new URLSearchParams(query) }
}

/** All values of each header. Node's `headers` keeps only one of some. */
function headersOf(
  { rawHeaders }: IncomingMessage,
  nameOf = (name: string) => name.toLowerCase(),
): ReadonlyMap<string, string[]> {
  const headers = new Map<string, string[]>()
  for (let i = 0; i < rawHeaders.length; i += 2) {
    const name = nameOf(rawHeaders[i]!)
    headers.set(name, [...(headers.get(name) ?? []), rawHeaders[i + 1]!])
  }
  return headers
}

async function bodyOf(request: IncomingMessage): Promise<string> {
  let body = ''
  for await (const chunk of request.setEncoding('utf8')) body += chunk
  return body
}
