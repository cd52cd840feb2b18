"""Names in a bucket's lifecycle rules, which differ between templates and the API."""

#: Path in the API of each member that a template writes flat.
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
