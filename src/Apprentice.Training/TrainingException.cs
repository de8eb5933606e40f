namespace Apprentice.Training;

/// <summary>A training cannot start or go on; the message says why and what to do.</summary>
public sealed class TrainingException : Exception
{
    /// <summary>An error with a message for the user.</summary>
    /// <param name="message">What was expected, what was found, what to do.</param>
    /// <param name="inner">The cause, if any.</param>
    public TrainingException(string message, Exception? inner = null)
        : base(message, inner)
    {
    }
}
