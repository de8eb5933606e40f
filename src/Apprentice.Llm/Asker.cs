using System.Runtime.CompilerServices;
using Microsoft.Extensions.AI;

namespace Apprentice.Llm;

/// <summary>Settings of <see cref="Asker"/>.</summary>
public sealed record AskerOptions
{
    /// <summary>Requests in flight at once. Default 8, what hosted providers take on their lowest tiers.</summary>
    public int Concurrency { get; init; } = 8;

    /// <summary>Requests looked at ahead of the next answer to hand out. Default 256: a slow answer holds up the hand-out, not the asking.</summary>
    public int LookAhead { get; init; } = 256;

    /// <summary>How long requests in flight may still finish, and be stored, after cancelling. Default 30 seconds: they are paid for.</summary>
    public TimeSpan FinishInFlight { get; init; } = TimeSpan.FromSeconds(30);

    /// <summary>Every problem with these settings, or none.</summary>
    public IEnumerable<string> Problems()
    {
        if (Concurrency < 1)
        {
            yield return $"Concurrency is {Concurrency}; expected 1 or more.";
        }

        if (LookAhead < Concurrency)
        {
            yield return $"LookAhead is {LookAhead}; expected at least Concurrency ({Concurrency}).";
        }

        if (FinishInFlight < TimeSpan.Zero)
        {
            yield return $"FinishInFlight is {FinishInFlight}; expected no negative time.";
        }
    }
}

/// <summary>What came of one request.</summary>
/// <param name="Request">What was asked.</param>
/// <param name="Answer">The answer, or null.</param>
/// <param name="Error">Why there is no answer, or null.</param>
/// <param name="FromStore">Whether the answer was stored before and nothing was asked.</param>
public sealed record AskedAnswer(ChatRequest Request, ChatAnswer? Answer, LlmException? Error, bool FromStore);

/// <summary>How a run of requests went so far.</summary>
/// <param name="Hits">Requests answered from the store (or by an equal request of the same run).</param>
/// <param name="Asked">Requests answered by the client.</param>
/// <param name="Failed">Requests without an answer.</param>
/// <param name="InputTokens">Prompt tokens of the asked requests as the provider counted them.</param>
/// <param name="OutputTokens">Answer tokens of the asked requests as the provider counted them.</param>
public readonly record struct AskerCounts(long Hits, long Asked, long Failed, long InputTokens, long OutputTokens);

/// <summary>Asks many requests through a store: stored answers are reused, new ones are stored before anyone sees them.</summary>
/// <remarks>
/// Start the same requests again after a crash: only what has no stored answer is asked. Client and store stay the caller's to dispose.
/// One run at a time for each object; <see cref="Counts"/> may be read from any thread.
/// </remarks>
public sealed class Asker
{
    private readonly IChatClient _client;
    private readonly AnswerStore _store;
    private readonly AskerOptions _options;
    private readonly Lock _lock = new();
    private AskerCounts _counts;

    /// <summary>An asker over a client and a store.</summary>
    /// <param name="client">Who answers what is not stored; retries are its business.</param>
    /// <param name="store">Where answers are kept.</param>
    /// <param name="options">Settings, or null for the defaults.</param>
    /// <exception cref="ArgumentException">The settings have problems; the message lists all.</exception>
    public Asker(IChatClient client, AnswerStore store, AskerOptions? options = null)
    {
        ArgumentNullException.ThrowIfNull(client);
        ArgumentNullException.ThrowIfNull(store);
        _client = client;
        _store = store;
        _options = options ?? new AskerOptions();
        string problems = string.Join(' ', _options.Problems());
        if (problems.Length > 0)
        {
            throw new ArgumentException(problems, nameof(options));
        }
    }

    /// <summary>How the requests went so far.</summary>
    public AskerCounts Counts
    {
        get
        {
            lock (_lock)
            {
                return _counts;
            }
        }
    }

    /// <summary>Asks requests and hands out what came of each, in the order of the requests.</summary>
    /// <remarks>
    /// A request that fails is a result with its error. When the endpoint itself is set up wrongly (<see cref="LlmProblem.Configuration"/>),
    /// asking stops. On cancelling, nothing new is asked, requests in flight may finish for <see cref="AskerOptions.FinishInFlight"/>
    /// and are stored. The same holds when the caller leaves the loop early.
    /// </remarks>
    /// <param name="requests">What to ask; drawn from as needed.</param>
    /// <param name="cancellationToken">Stops asking.</param>
    /// <returns>One result for each request.</returns>
    /// <exception cref="LlmException">Key, address or model are wrong: every request would fail alike.</exception>
    /// <exception cref="OperationCanceledException">It was cancelled.</exception>
    public async IAsyncEnumerable<AskedAnswer> AskAsync(
        IEnumerable<ChatRequest> requests, [EnumeratorCancellation] CancellationToken cancellationToken = default)
    {
        ArgumentNullException.ThrowIfNull(requests);
        using SemaphoreSlim places = new(_options.Concurrency);
        using CancellationTokenSource stop = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken);
        using CancellationTokenSource abort = new();
        Queue<Task<AskedAnswer>> pending = new();
        Dictionary<string, Task<AskedAnswer>> inFlight = [];
        using IEnumerator<ChatRequest> source = requests.GetEnumerator();
        bool more = true;
        try
        {
            while (true)
            {
                while (more && pending.Count < _options.LookAhead && (more = source.MoveNext()))
                {
                    cancellationToken.ThrowIfCancellationRequested();
                    pending.Enqueue(Start(source.Current, inFlight, places, stop.Token, abort.Token));
                }

                if (pending.Count == 0)
                {
                    break;
                }

                AskedAnswer result = await pending.Peek().WaitAsync(cancellationToken).ConfigureAwait(false);
                _ = pending.Dequeue();
                inFlight.Remove(result.Request.Hash);
                if (result.Error is { Problem: LlmProblem.Configuration } error)
                {
                    throw error;
                }

                yield return result;
            }
        }
        finally
        {
            await stop.CancelAsync().ConfigureAwait(false);
            abort.CancelAfter(_options.FinishInFlight);
            await ((Task)Task.WhenAll(pending)).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
        }
    }

    private Task<AskedAnswer> Start(
        ChatRequest request, Dictionary<string, Task<AskedAnswer>> inFlight, SemaphoreSlim places, CancellationToken stop, CancellationToken abort)
    {
        string hash = request.Hash;
        if (inFlight.TryGetValue(hash, out Task<AskedAnswer>? same))
        {
            return RepeatAsync(request, same);
        }

        if (_store.Find(hash) is { } stored)
        {
            Count(counts => counts with { Hits = counts.Hits + 1 });
            return Task.FromResult(new AskedAnswer(request, stored, null, FromStore: true));
        }

        Task<AskedAnswer> task = Task.Run(() => AskOneAsync(request, places, stop, abort), CancellationToken.None);
        inFlight.Add(hash, task);
        return task;
    }

    private async Task<AskedAnswer> RepeatAsync(ChatRequest request, Task<AskedAnswer> same)
    {
        AskedAnswer result = await same.ConfigureAwait(false);
        bool answered = result.Answer is not null;
        Count(counts => answered ? counts with { Hits = counts.Hits + 1 } : counts with { Failed = counts.Failed + 1 });
        return result with { Request = request, FromStore = answered };
    }

    private async Task<AskedAnswer> AskOneAsync(ChatRequest request, SemaphoreSlim places, CancellationToken stop, CancellationToken abort)
    {
        await places.WaitAsync(stop).ConfigureAwait(false);
        try
        {
            stop.ThrowIfCancellationRequested();
            ChatResponse response = await _client.GetResponseAsync(request.ToChatMessages(), request.ToChatOptions(), abort).ConfigureAwait(false);
            ChatAnswer answer = ChatAnswer.FromChat(request, response);
            if (!_store.Add(request, answer))
            {
                // Another process was faster; all see the same answer.
                answer = _store.Find(request.Hash) ?? answer;
            }

            Count(counts => counts with
            {
                Asked = counts.Asked + 1,
                InputTokens = counts.InputTokens + (answer.InputTokens ?? 0),
                OutputTokens = counts.OutputTokens + (answer.OutputTokens ?? 0),
            });
            return new AskedAnswer(request, answer, null, FromStore: false);
        }
        catch (LlmException exception)
        {
            Count(counts => counts with { Failed = counts.Failed + 1 });
            return new AskedAnswer(request, null, exception, FromStore: false);
        }
        finally
        {
            places.Release();
        }
    }

    private void Count(Func<AskerCounts, AskerCounts> change)
    {
        lock (_lock)
        {
            _counts = change(_counts);
        }
    }
}
