"""Members of a bucket's lifecycle rules: a template writes them otherwise than the API."""

#: Members of a lifecycle rule that a template names flat, with their path in the API.
LIFECYCLE_PATHS = {
    "Id": ("ID",),
    "Status": ("Status",),
    "Prefix": ("Filter", "Prefix"),
    "ObjectSizeGreaterThan": ("Filter", "ObjectSizeGreaterThan"),
    "ObjectSizeLessThan": ("Filter", "ObjectSizeLessThan"),
    "TagFilters": ("Filter", "Tag"),
    "ExpirationInDays": ("Expiration", "Days"),
    "ExpirationDate": ("Expiration", "Date"),
    "ExpiredObjectDeleteMarker": ("Expiration", "ExpiredObjectDeleteMarker"),
    "NoncurrentVersionExpiration": ("NoncurrentVersionExpiration",),
    "AbortIncompleteMultipartUpload": ("AbortIncompleteMultipartUpload",),
    "Transitions": ("Transition",),
    "NoncurrentVersionTransitions": ("NoncurrentVersionTransition",),
}
MEMBER_NAMES = {"TransitionInDays": "Days", "TransitionDate": "Date"}
