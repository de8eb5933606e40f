namespace Apprentice.Workspace;

/// <summary>What a long job tells while it runs; terminal and pages render the same records.</summary>
public abstract record JobEvent;

/// <summary>A new part of the job begins.</summary>
/// <param name="Title">What it does, in a few words.</param>
public sealed record JobStarted(string Title) : JobEvent;

/// <summary>How far a part of the job is.</summary>
/// <param name="Title">The part.</param>
/// <param name="Done">Units done.</param>
/// <param name="Total">Units in all; 0 when unknown.</param>
/// <param name="Detail">Rate, loss and the like; may be empty.</param>
public sealed record JobProgress(string Title, double Done, double Total, string Detail) : JobEvent;

/// <summary>Something worth a line of its own.</summary>
/// <param name="Text">A sentence or a result.</param>
public sealed record JobNote(string Text) : JobEvent;
