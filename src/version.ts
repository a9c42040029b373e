/** Version of the package; a test compares it with package.json. */
export const version = '0.1.0'

/** Stands in the README, the API, the feed's hello, reports and the page. */
export const notice = 'Not a medical device; research and engineering use.'
