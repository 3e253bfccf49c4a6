import { Refusal } from '../../api/errors.js'
import { JwtTemplate } from '../../model/jwt-template.js'
import { boolean, nullish, object, optional, string, type Values } from '../../model/schema.js'
import type { World } from '../../state/world.js'
import { TEMPLATE_ALGORITHMS, worksWith } from '../../tokens/jwt-template.js'
import { resource } from '../resource.js'

/** Claims that the instance sets in every token from a template, and claims of session tokens. */
const RESERVED_CLAIMS = ['azp', 'exp', 'iat', 'iss', 'jti', 'nbf', 'sub', 'sid', 'v', 'pla', 'fea']

const { name, claims, lifetime, allowed_clock_skew } = JwtTemplate.fields

const FIELDS = {
  name,
  claims,
  lifetime: nullish(lifetime.wrapped),
  allowed_clock_skew: nullish(allowed_clock_skew.wrapped),
  custom_signing_key: optional(boolean()),
  signing_algorithm: nullish(string()),
  signing_key: nullish(string()),
} as const

type Body = Values<typeof FIELDS>

const jwtTemplate = resource('jwt_templates', {
  path: '/v1/jwt_templates',
  param: 'template_id',
  missing: (id) => new Refusal('jwt_template_not_found', `No JWT template exists with id: ${id}`),
  answer: ({ signer, ...template }, { instance }) => ({
    object: 'jwt_template',
    ...template,
    custom_signing_key: signer !== null,
    signing_algorithm: signer?.algorithm ?? instance.identity.algorithm,
  }),
})

export const jwtTemplates = [
  jwtTemplate.list('ListJWTTemplates', { page: 'paginated' }),

  jwtTemplate.create('CreateJWTTemplate', {
    body: object(FIELDS),
    run: ({ world, body }) => world.jwt_templates.add(checkedFields(body, world)),
  }),

  jwtTemplate.get('GetJWTTemplate'),

  jwtTemplate.update('UpdateJWTTemplate', {
    body: object(FIELDS),
    run: ({ id }, { world, body }) => world.jwt_templates.update(id, checkedFields(body, world, id)),
  }),

  jwtTemplate.remove('DeleteJWTTemplate'),
]

/** @throws {Refusal} if a claim is reserved, another template has the name, or the key is unusable */
function checkedFields(body: Body, { jwt_templates }: World, ownId?: string) {
  const { name, claims } = body
  const signer = signerOf(body)
  const reserved = Object.keys(claims).find((claim) => RESERVED_CLAIMS.includes(claim))
  if (reserved !== undefined)
    throw new Refusal('jwt_template_reserved_claim', `You can't use the reserved claim: '${reserved}'`, 'claims')
  const other = jwt_templates.find('name', name)
  if (other && other.id !== ownId)
    throw new Refusal('form_identifier_exists', 'That name is taken. Please try another.', 'name')
  return {
    name,
    claims,
    lifetime: body.lifetime ?? undefined,
    allowed_clock_skew: body.allowed_clock_skew ?? undefined,
    signer,
  }
}

/**
 * The key in a body; `null`: that of the instance, `undefined`: unchanged.
 *
 * @throws {Refusal} if a key is announced but missing, or does not match the algorithm
 */
function signerOf({ custom_signing_key: isCustom, signing_algorithm: algorithm, signing_key: key }: Body) {
  if (!isCustom) return isCustom === undefined ? undefined : null
  if (typeof algorithm !== 'string') throw conditional('signing_algorithm')
  if (typeof key !== 'string') throw conditional('signing_key')
  if (!TEMPLATE_ALGORITHMS.includes(algorithm))
    throw new Refusal(
      'form_param_value_invalid',
      `signing_algorithm must be one of ${TEMPLATE_ALGORITHMS.join(', ')}`,
      'signing_algorithm',
    )
  if (worksWith(algorithm, key)) return { algorithm, key }
  throw new Refusal('form_param_value_invalid', `signing_key is not a valid key for ${algorithm}`, 'signing_key')
}

function conditional(name: string): Refusal {
  const message = `\`${name}\` is required when \`custom_signing_key\` is \`true\`.`
  return new Refusal('form_conditional_param_missing', message, name)
}
