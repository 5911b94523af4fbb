package gateway

// SocialStatuses are the facts of social-status.search.
type SocialStatuses []SocialStatus

// Found tells whether the registry has a record of the person.
func (s SocialStatuses) Found() bool { return len(s) > 0 }

// Awards are the facts of award.search.
type Awards []Award

// Found tells whether anything was awarded or applied for.
func (a Awards) Found() bool { return len(a) > 0 }

// Found tells whether the person was registered or referred.
func (e Employment) Found() bool { return len(e.Registrations) > 0 || len(e.Referrals) > 0 }
