/**
 * The API reference page needs one finished script out of @scalar/api-reference. What that script was built from
 * (Vue and two dozen packages more, over 100 MB) is listed as its dependencies and never loaded: leave it out.
 */
export const hooks = {
  readPackage(pkg) {
    if (pkg.name === '@scalar/api-reference') pkg.dependencies = {}
    return pkg
  },
}
