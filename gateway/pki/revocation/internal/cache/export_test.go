package cache

// AtMost is the folder with room for fewer files.
func (d Folder) AtMost(n int64) Folder {
	d.most = n
	return d
}
