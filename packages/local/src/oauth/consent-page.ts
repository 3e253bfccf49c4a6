import type { Answer } from '../api/answer.js'
import type { Instance } from '../instance/instance.js'
import type { Person } from '../people/directory.js'
import { CLERK_SCOPES } from '../tokens/oauth-scopes.js'
import { ORGANIZATION_SCOPE } from '../tokens/oauth-token.js'
import type { AuthorizationRequest } from './authorization-request.js'
import { NOTHING, html, pageAnswer, type Html } from './html.js'
import type { OAuthError } from './oauth-error.js'
import type { OAuthParameters } from './parameters.js'

/** Others are found by their name or id. */
const MAX_CHOICES = 50

/** The page on which you choose a user, and decide whether the client gets access. */
export function consentPage(
  authorization: AuthorizationRequest,
  parameters: OAuthParameters,
  decisionPath: string,
  { directory }: Instance,
): Answer {
  const { client, redirectUri, scopes, resources } = authorization
  const all = Object.values(directory.people()).flatMap((person) => choicesOf(person, scopes))
  const preferred = parameters.get('_local_user') ?? parameters.get('login_hint')
  const chosen = all.find(({ person }) => [person.name, person.id, person.email].includes(preferred ?? '')) ?? all[0]
  const shown = all.length <= MAX_CHOICES ? all : [...new Set([chosen!, ...all])].slice(0, MAX_CHOICES)
  const name = client.name

  return pageAnswer(
    200,
    `${name} requests access`,
    html`
      <h1>${name} requests access</h1>
      <p>Choose a user. With Clerk, you would sign in here.</p>
      <form method="post" action="${decisionPath}">
        ${parameters.names.filter((one) => !one.startsWith('_local_')).flatMap((one) => hiddenFields(one, parameters))}
        <fieldset>
          <legend>User</legend>
          ${shown.map((choice) => radio(choice, choice === chosen))}
          ${all.length > shown.length ? html`<p class="none">And ${String(all.length - shown.length)} more.</p>` : NOTHING}
        </fieldset>
        <h2>Scopes</h2>
        ${
          scopes.length === 0
            ? html`<p class="none">None</p>`
            : html`<ul class="scopes">
                ${scopes.map(scopeItem)}
              </ul>`
        }
        <dl>
          <dt>Client</dt>
          <dd><code>${client.client_id}</code></dd>
          <dt>Continues at</dt>
          <dd><code>${redirectUri}</code></dd>
          ${resources.map(
            (resource) =>
              html`<dt>For the API</dt>
                <dd><code>${resource}</code></dd>`,
          )}
        </dl>
        <div class="buttons">
          <button name="_local_decision" value="allow">Allow</button>
          <button name="_local_decision" value="deny">Deny</button>
        </div>
      </form>
    `,
  )
}

/** The page for a request that must not be answered with a redirect. */
export function errorPage(error: OAuthError): Answer {
  return pageAnswer(
    error.answer.status,
    'Invalid authorization request',
    html`
      <h1>Invalid authorization request</h1>
      <p>${error.message}</p>
      <p class="none">Error code: <code>${error.code}</code></p>
    `,
  )
}

/** A user, in one of their organizations if the client asks for one. */
interface Choice {
  readonly person: Person
  readonly slug: string | undefined
}

function choicesOf(person: Person, scopes: readonly string[]): readonly Choice[] {
  const slugs = scopes.includes(ORGANIZATION_SCOPE) ? Object.keys(person.memberships) : []
  return slugs.length === 0 ? [{ person, slug: undefined }] : slugs.map((slug) => ({ person, slug }))
}

function radio({ person: { id, name, email }, slug }: Choice, isChosen: boolean): Html {
  const value = slug === undefined ? id : `${id}/${slug}`
  return html`<label>
    <input type="radio" name="_local_user" value="${value}" required ${isChosen ? html`checked` : NOTHING} />
    <span>${name}${slug === undefined ? '' : ` in ${slug}`} <span class="note">${email}</span></span>
  </label>`
}

function scopeItem(scope: string): Html {
  const meaning = CLERK_SCOPES[scope]
  return html`<li>
    <code>${scope}</code>${meaning === undefined ? NOTHING : html` <span class="note">${meaning}</span>`}
  </li>`
}

function hiddenFields(name: string, { all }: OAuthParameters): readonly Html[] {
  return all(name).map((value) => html`<input type="hidden" name="${name}" value="${value}" />`)
}
