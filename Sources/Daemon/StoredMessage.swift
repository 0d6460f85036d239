import Store

/// A message as the queue keeps it, beside the one that the control API shows.
typealias StoredMessage = QueuedMessage
