using Apprentice.Data;
using Apprentice.Evaluation;
using Apprentice.Generation;
using Apprentice.Llm;
using Apprentice.Models;
using Apprentice.Tokenizers;
using Apprentice.Training;
using Apprentice.Workspace;

namespace Apprentice.Cli;

/// <summary>Turns what can go wrong into a line for the user.</summary>
internal static class Failure
{
    /// <summary>Name of the environment variable that asks for stack traces.</summary>
    public const string TraceVariable = "APPRENTICE_TRACE";

    /// <summary>The line for an exception.</summary>
    /// <param name="exception">What was thrown.</param>
    public static string Message(Exception exception) => exception switch
    {
        RecipeException or TrainingException or CheckpointException or TokenizerException or DatasetException or PredictionException or LlmException
            or TestRunnerException or PromptTemplateException or UsageException or IOException or UnauthorizedAccessException => exception.Message,
        OutOfMemoryException => "The memory does not suffice. Smaller batches (batch_size), shorter windows (maximum_length) or a smaller model need less.",
        AggregateException { InnerExceptions: [Exception inner] } => Message(inner),
        _ => $"This is a fault of the program: {exception.GetType().Name}: {exception.Message} Set {TraceVariable}=1 to see where; please report it.",
    };
}
