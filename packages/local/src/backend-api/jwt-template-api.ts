import { ALGORITHMS } from '../tokens/algorithms.js'
import { jsonAnswer } from '../api/answer.js'
import type { Community } from '../people/community.js'
import type { Endpoint, EndpointRequest } from '../api/endpoint.js'
import { Refusal } from '../api/errors.js'
import { readBodyFields, readQueryFields, type FieldValues } from './fields.js'
import { newId } from '../model/ids.js'
import {
  TEMPLATE_CLOCK_SKEW_IN_SECONDS,
  TEMPLATE_LIFETIME_IN_SECONDS,
  templateSigner,
  type JwtTemplate,
  type TemplateSigner,
} from '../tokens/jwt-template.js'
import { BARE_PAGE_FIELDS, barePageAnswer } from './page.js'

/** Claims that the instance sets in every token from a template, and claims of session tokens. */
const RESERVED_CLAIMS = ['azp', 'exp', 'iat', 'iss', 'jti', 'nbf', 'sub', 'sid', 'v', 'pla', 'fea']

const SIGNING_ALGORITHMS = [...ALGORITHMS, 'HS256', 'HS384', 'HS512']

/** @param algorithm of the instance's own keys */
export function jwtTemplateApi({ templates, now }: Community, algorithm: string): readonly Endpoint[] {
  const path = '/v1/jwt_templates'

  /** @throws {Refusal} */
  function templateOf({ params: { template_id: id = '' } }: EndpointRequest): JwtTemplate {
    const template = templates.byId(id)
    if (!template) throw new Refusal('jwt_template_not_found', `No JWT template exists with id: ${id}`)
    return template
  }

  /** @throws {Refusal} if the name is taken, or a claim is reserved */
  function fieldsOf({ body, signer }: TemplateBody, before?: JwtTemplate): TemplateFields {
    const { name, claims } = body
    const reserved = Object.keys(claims).find((claim) => RESERVED_CLAIMS.includes(claim))
    if (reserved !== undefined)
      throw new Refusal('jwt_template_reserved_claim', `You can't use the reserved claim: '${reserved}'`, 'claims')
    if (templates.all().some((other) => other.name === name && other.id !== before?.id))
      throw new Refusal('form_identifier_exists', 'That name is taken. Please try another.', 'name')
    return {
      name,
      claims,
      lifetime: body.lifetime ?? before?.lifetime ?? TEMPLATE_LIFETIME_IN_SECONDS,
      allowedClockSkew: body.allowed_clock_skew ?? before?.allowedClockSkew ?? TEMPLATE_CLOCK_SKEW_IN_SECONDS,
      signer: signer === undefined ? (before?.signer ?? null) : signer,
    }
  }

  function json({ signer, ...template }: JwtTemplate) {
    return {
      object: 'jwt_template',
      id: template.id,
      name: template.name,
      claims: template.claims,
      lifetime: template.lifetime,
      allowed_clock_skew: template.allowedClockSkew,
      custom_signing_key: signer !== null,
      signing_algorithm: signer?.algorithm ?? algorithm,
      created_at: template.createdAt,
      updated_at: template.updatedAt,
    }
  }

  return [
    {
      operation: 'ListJWTTemplates',
      method: 'GET',
      path,
      answer: (request) =>
        barePageAnswer(templates.all().toReversed(), readQueryFields(request, BARE_PAGE_FIELDS), json),
    },
    {
      operation: 'CreateJWTTemplate',
      method: 'POST',
      path,
      async answer(request) {
        const fields = fieldsOf(await readTemplate(request))
        return jsonAnswer(json(templates.set({ ...fields, id: newId('jtmp'), createdAt: now(), updatedAt: now() })))
      },
    },
    {
      operation: 'GetJWTTemplate',
      method: 'GET',
      path: `${path}/:template_id`,
      answer: (request) => jsonAnswer(json(templateOf(request))),
    },
    {
      operation: 'UpdateJWTTemplate',
      method: 'PATCH',
      path: `${path}/:template_id`,
      async answer(request) {
        const body = await readTemplate(request)
        const template = templateOf(request)
        const fields = fieldsOf(body, template)
        return jsonAnswer(json(templates.set({ ...template, ...fields, updatedAt: now() })))
      },
    },
    {
      operation: 'DeleteJWTTemplate',
      method: 'DELETE',
      path: `${path}/:template_id`,
      answer(request) {
        const { id } = templateOf(request)
        templates.remove(id)
        return jsonAnswer({ object: 'jwt_template', id, deleted: true })
      },
    },
  ]
}

type TemplateFields = Omit<JwtTemplate, 'id' | 'createdAt' | 'updatedAt'>

interface TemplateBody {
  readonly body: FieldValues<typeof FIELDS>
  /** `undefined`: the body does not mention a key */
  readonly signer: TemplateSigner | null | undefined
}

/** @throws {Refusal} */
async function readTemplate(request: EndpointRequest): Promise<TemplateBody> {
  const body = await readBodyFields(request, FIELDS)
  return { body, signer: body.custom_signing_key === undefined ? undefined : await signerOf(body) }
}

/** @throws {Refusal} if a key is announced but missing, or does not match the algorithm */
async function signerOf(body: FieldValues<typeof FIELDS>): Promise<TemplateSigner | null> {
  if (!body.custom_signing_key) return null
  const { signing_algorithm: algorithm, signing_key: key } = body
  if (typeof algorithm !== 'string') throw conditional('signing_algorithm')
  if (typeof key !== 'string') throw conditional('signing_key')
  if (!SIGNING_ALGORITHMS.includes(algorithm))
    throw new Refusal(
      'form_param_value_invalid',
      `signing_algorithm must be one of ${SIGNING_ALGORITHMS.join(', ')}`,
      'signing_algorithm',
    )
  try {
    return await templateSigner(algorithm, key)
  } catch {
    throw new Refusal('form_param_value_invalid', `signing_key is not a valid key for ${algorithm}`, 'signing_key')
  }
}

function conditional(name: string): Refusal {
  const message = `\`${name}\` is required when \`custom_signing_key\` is \`true\`.`
  return new Refusal('form_conditional_param_missing', message, name)
}

const FIELDS = {
  name: { type: 'string', required: true, min: 1, max: 255 },
  claims: { type: 'object', required: true },
  lifetime: { type: 'integer', nullable: true, min: 30, max: 315_360_000 },
  allowed_clock_skew: { type: 'integer', nullable: true, min: 0, max: 300 },
  custom_signing_key: { type: 'boolean' },
  signing_algorithm: { type: 'string', nullable: true },
  signing_key: { type: 'string', nullable: true },
} as const
