package gateway

// Disabilities are the facts of disability.search.
type Disabilities []Disability

// Found tells whether the registry has a record of the person.
func (d Disabilities) Found() bool { return len(d) > 0 }

// CapacityLosses are the facts of capacity-loss.search.
type CapacityLosses []CapacityLoss

// Found tells whether the registry has a record of the person.
func (c CapacityLosses) Found() bool { return len(c) > 0 }
