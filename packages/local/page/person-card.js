import { card, cardHead, choice, facts, tools } from './card-parts.js'
import { credentialList } from './credentials.js'
import { element } from './element.js'
import { MINT_PATHS, curlOf, mintButton } from './mint.js'
import { briefly } from './text.js'

/** @typedef {import('../src/control/directory-view.js').PersonView} PersonView */

const LIFETIMES = /** @type {const} */ ([
  ['60', '1 min, as in Clerk'],
  ['3600', '1 h'],
  ['28800', '8 h'],
])

/** Prefix of an organization's slug, which distinguishes a slug `none` from no organization. */
const IN = 'in:'

/**
 * @param {PersonView} person
 * @param {() => void} onChange
 */
export function personCard(person, onChange) {
  const { id, name, email } = person
  const head = cardHead({ name, id, about: email })
  const known = element('div')
  const lifetime = choice('Lifetime', `of a session token of ${briefly(name)}`, LIFETIMES)
  const organization = choice('Organization', `in a session token of ${briefly(name)}`, [])
  const credentials = credentialList(name, { hasSessions: true, onRevoked: onChange })
  const sessionInput = () => ({
    user: id,
    org: organization.select.value.startsWith(IN) ? organization.select.value.slice(IN.length) : null,
    ttlInSeconds: Number(lifetime.select.value),
  })
  const session = { path: MINT_PATHS.session, input: sessionInput }
  const oauth = (/** @type {'opaque' | 'jwt'} */ format) => ({
    path: MINT_PATHS.oauth,
    input: () => ({ user: id, format }),
  })
  const apiKey = { path: MINT_PATHS.apiKey, input: () => ({ subject: id }) }

  /** @param {PersonView} now */
  function update(now) {
    const { memberships, defaultOrganization } = now
    const roles = memberships.first.map(({ slug, role }) => [
      slug,
      role,
      ...(slug === defaultOrganization ? ['default'] : []),
    ])
    known.replaceChildren(
      facts({ label: 'Member of', owner: name, facts: roles, total: memberships.total, none: 'no organization' }),
    )
    organization.set(organizationOptions(now))
    credentials.update(now)
  }

  update(person)
  return {
    element: card(
      head.headingId,
      head.element,
      known,
      tools(
        `Session tokens of ${briefly(name)}`,
        organization.element,
        lifetime.element,
        element(
          'div',
          { class: 'buttons' },
          mintButton({ ...session, label: 'Session token', what: 'a session token' }, name, onChange),
          mintButton({ ...session, label: 'as curl', what: 'a session token as curl', form: curlOf }, name, onChange),
        ),
      ),
      tools(
        `Other tokens of ${briefly(name)}`,
        mintButton({ ...oauth('opaque'), label: 'OAuth token', what: 'an OAuth token' }, name, onChange),
        mintButton({ ...oauth('jwt'), label: 'OAuth JWT', what: 'an OAuth JWT' }, name, onChange),
        mintButton({ ...apiKey, label: 'API key', what: 'an API key' }, name, onChange),
      ),
      credentials.element,
    ),
    update,
  }
}

/**
 * The default organization comes first, so it is preselected.
 *
 * @param {PersonView} person
 * @returns {readonly (readonly [string, string])[]}
 */
function organizationOptions({ memberships, defaultOrganization }) {
  const slugs = memberships.first.map(({ slug }) => slug)
  const first = defaultOrganization === null ? [] : [defaultOrganization]
  const none = /** @type {const} */ (['none', 'none'])
  const rest = slugs.filter((slug) => slug !== defaultOrganization)
  const named = (/** @type {string} */ slug) => /** @type {const} */ ([`${IN}${slug}`, slug])
  return [...first.map(named), none, ...rest.map(named)]
}
