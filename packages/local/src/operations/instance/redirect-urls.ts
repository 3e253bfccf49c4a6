import { Refusal } from '../../api/errors.js'
import { RedirectUrl } from '../../model/redirect-url.js'
import { object, refined, rule } from '../../model/schema.js'
import { isLoopbackUrl } from '../../support/loopback.js'
import { resource } from '../resource.js'

const redirectUrl = resource('redirect_urls', {
  path: '/v1/redirect_urls',
  param: 'id',
  missing: (id) => new Refusal('redirect_url_not_found', `No RedirectURL exists with id: ${id}`),
  answer: ({ id, url, created_at, updated_at }) => ({ object: 'redirect_url', id, url, created_at, updated_at }),
})

export const redirectUrls = [
  redirectUrl.list('ListRedirectURLs', { page: 'paginated' }),

  redirectUrl.create('CreateRedirectURL', {
    body: object({
      url: refined(
        RedirectUrl.fields.url,
        rule('form_param_format_invalid', 'must be a URL that starts with https:// or a custom scheme', isRedirectUrl),
      ),
    }),
    run({ world, body: { url } }) {
      if (world.redirect_urls.find('url', url))
        throw new Refusal('duplicate_record', 'The redirect URL already exists.', 'url')
      return world.redirect_urls.add({ url })
    },
  }),

  redirectUrl.get('GetRedirectURL'),
  redirectUrl.remove('DeleteRedirectURL'),
]

/** `http:` is for development alone. */
function isRedirectUrl(text: string): boolean {
  if (!URL.canParse(text) || !/^[a-z][a-z0-9+.-]*:\/\//i.test(text)) return false
  return !/^http:/i.test(text) || isLoopbackUrl(text)
}
