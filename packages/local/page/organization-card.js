import { card, cardHead, facts, tools } from './card-parts.js'
import { credentialList } from './credentials.js'
import { element } from './element.js'
import { MINT_PATHS, mintButton } from './mint.js'
import { briefly } from './text.js'

/** @typedef {import('../src/control/directory-view.js').OrganizationView} OrganizationView */

/**
 * @param {OrganizationView} organization
 * @param {() => void} onChange
 */
export function organizationCard(organization, onChange) {
  const { id, slug } = organization
  const head = cardHead({ name: slug, id, about: organization.name })
  const known = element('div')
  const credentials = credentialList(slug, { hasSessions: false, onRevoked: onChange })

  /** @param {OrganizationView} now */
  function update(now) {
    const { plan, features, members } = now
    known.replaceChildren(
      facts({ label: 'Plan', owner: slug, facts: [[plan]] }),
      facts({ label: 'Features', owner: slug, facts: features.map((feature) => [feature]) }),
      facts({ label: 'Members', owner: slug, facts: members.first.map((name) => [name]), total: members.total }),
    )
    credentials.update(now)
  }

  update(organization)
  return {
    element: card(
      head.headingId,
      head.element,
      known,
      tools(
        `Mint keys of ${briefly(slug)}`,
        mintButton(
          { label: 'API key', what: 'an API key', path: MINT_PATHS.apiKey, input: () => ({ subject: id }) },
          slug,
          onChange,
        ),
      ),
      credentials.element,
    ),
    update,
  }
}
