using System.Runtime.CompilerServices;
using Microsoft.Extensions.AI;

namespace Apprentice.Llm;

/// <summary>Answers from a recording instead of a model: no key, no network, no cost.</summary>
/// <remarks>
/// A recording is a requests file and an answers file in OpenAI batch format, plain or <c>.gz</c>. A request is recognised by
/// its model, messages and sampling settings (<see cref="ChatRequest.ContentHash"/>), so a changed prompt is noticed. May be called from
/// any thread.
/// </remarks>
public sealed class ReplayClient : IChatClient
{
    private readonly Dictionary<string, BatchAnswer> _answers;
    private readonly string _name;

    private ReplayClient(Dictionary<string, BatchAnswer> answers, string name)
    {
        _answers = answers;
        _name = name;
    }

    /// <summary>How many requests the recording holds.</summary>
    public int Count => _answers.Count;

    /// <summary>Loads a recording into memory.</summary>
    /// <param name="requestsPath">The requests file.</param>
    /// <param name="answersPath">The answers file.</param>
    /// <param name="cancellationToken">Stops between two lines.</param>
    /// <exception cref="LlmException">A file cannot be read, a request line is broken, or two different requests share a custom id.</exception>
    public static async Task<ReplayClient> LoadAsync(string requestsPath, string answersPath, CancellationToken cancellationToken = default)
    {
        List<ChatRequest> requests = [];
        HashSet<string> ids = [];
        await foreach (ChatRequest request in BatchFile.ReadRequestsAsync(requestsPath, cancellationToken: cancellationToken).ConfigureAwait(false))
        {
            if (!ids.Add(request.CustomId))
            {
                throw new LlmException(LlmProblem.Configuration, $"{requestsPath}: two requests have the custom_id '{request.CustomId}'. Give each its own.");
            }

            requests.Add(request);
        }

        BatchResult result = await BatchFile.MatchAsync(requests, answersPath, cancellationToken).ConfigureAwait(false);
        Dictionary<string, BatchAnswer> answers = [];
        foreach (BatchAnswer answer in result.Answers)
        {
            string hash = answer.Request.ContentHash;
            if (!answers.TryGetValue(hash, out BatchAnswer? known) || known.Answer is null)
            {
                answers[hash] = answer;
            }
        }

        return new ReplayClient(answers, Path.GetFileName(answersPath));
    }

    /// <summary>Gives the recorded answer.</summary>
    /// <param name="messages">The conversation.</param>
    /// <param name="options">Model and sampling settings as recorded.</param>
    /// <param name="cancellationToken">Checked once.</param>
    /// <exception cref="LlmException">The recording holds no answer to this request (<see cref="LlmProblem.NotRecorded"/>); the message names its custom id.</exception>
    public Task<ChatResponse> GetResponseAsync(IEnumerable<ChatMessage> messages, ChatOptions? options = null, CancellationToken cancellationToken = default)
    {
        if (cancellationToken.IsCancellationRequested)
        {
            return Task.FromCanceled<ChatResponse>(cancellationToken);
        }

        ChatRequest request = ChatRequest.FromChat(messages, options, defaultModel: "");
        bool known = _answers.TryGetValue(request.Hash, out BatchAnswer? recorded);
        if (recorded?.Answer is { } answer)
        {
            return Task.FromResult(answer.ToChatResponse());
        }

        string id = known ? recorded!.Request.CustomId : request.CustomId;
        string why = known
            ? $"the request is recorded, its answer is not: {recorded!.Problem}"
            : $"no recorded request has this model ('{request.Model}'), messages and sampling settings. Were prompts, seeds or settings changed since the recording?";
        return Task.FromException<ChatResponse>(
            new LlmException(LlmProblem.NotRecorded, $"{_name}: no answer for request '{id}': {why}") { CustomId = id });
    }

    /// <inheritdoc/>
    public async IAsyncEnumerable<ChatResponseUpdate> GetStreamingResponseAsync(
        IEnumerable<ChatMessage> messages, ChatOptions? options = null, [EnumeratorCancellation] CancellationToken cancellationToken = default)
    {
        ChatResponse response = await GetResponseAsync(messages, options, cancellationToken).ConfigureAwait(false);
        foreach (ChatResponseUpdate update in response.ToChatResponseUpdates())
        {
            yield return update;
        }
    }

    /// <inheritdoc/>
    public object? GetService(Type serviceType, object? serviceKey = null)
    {
        ArgumentNullException.ThrowIfNull(serviceType);
        return serviceKey is null && serviceType.IsInstanceOfType(this)
            ? this
            : serviceKey is null && serviceType == typeof(ChatClientMetadata) ? new ChatClientMetadata("replay") : null;
    }

    /// <summary>Does nothing; a recording holds no resources.</summary>
    public void Dispose()
    {
    }
}
