using System.Collections.Concurrent;
using Microsoft.Extensions.AI;

namespace Apprentice.Llm.Tests;

public sealed class AskerTests : IDisposable
{
    private readonly TemporaryFolder _folder = new();

    public void Dispose() => _folder.Dispose();

    [Fact]
    public async Task AskAsync_HostileProvider_EveryRequestIsAnsweredOnceAndStored()
    {
        const int Count = 400;
        ConcurrentDictionary<string, int> good = [];
        using HostileProvider provider = new((call, prompt) =>
        {
            switch (call % 11)
            {
                case 1: return new(429, "{}", "0");
                case 3: return new(500, "oops");
                case 5: return new(200, "{\"choi");
                case 7: return HostileProvider.Good(prompt) with { Cut = true };
                default:
                    good.AddOrUpdate(prompt, 1, (_, times) => times + 1);
                    return HostileProvider.Good("to " + prompt) with { Delay = TimeSpan.FromMilliseconds(call % 5) };
            }
        });
        using AnswerStore store = AnswerStore.Open(_folder["answers.db"]);
        using OpenAiChatClient client = new(OpenAiChatClientTests.Options(provider) with { Retries = 30, RetryDelay = TimeSpan.FromMilliseconds(1), LongestRetryDelay = TimeSpan.FromMilliseconds(5) });
        Asker asker = new(client, store, new AskerOptions { Concurrency = 6, LookAhead = 50 });
        List<AskedAnswer> answers = [];
        await foreach (AskedAnswer answer in asker.AskAsync(BatchFileTests.Requests(Count)))
        {
            answers.Add(answer);
        }

        Assert.Equal(Enumerable.Range(0, Count).Select(i => $"to prompt {i}"), answers.Select(answer => answer.Answer?.Text));
        Assert.Equal(Count, store.Count);
        Assert.Equal((0L, (long)Count, 0L), (asker.Counts.Hits, asker.Counts.Asked, asker.Counts.Failed));
        Assert.Equal(7L * Count, asker.Counts.InputTokens);
        Assert.InRange(provider.MostInFlight, 1, 6);
        Assert.All(good, pair => Assert.Equal(1, pair.Value));

        int calls = provider.Calls;
        Asker again = new(client, store);
        Assert.Equal(Count, await again.AskAsync(BatchFileTests.Requests(Count)).CountAsync(answer => answer.FromStore));
        Assert.Equal(calls, provider.Calls);
        Assert.Equal(Count, again.Counts.Hits);
    }

    [Fact]
    public async Task AskAsync_FailingRequests_AreResultsWithReasons()
    {
        using HostileProvider provider = new((_, prompt) => prompt.EndsWith('3') ? new(400, "too long") : HostileProvider.Good(prompt));
        using AnswerStore store = AnswerStore.Open(_folder["answers.db"]);
        using OpenAiChatClient client = new(OpenAiChatClientTests.Options(provider));
        Asker asker = new(client, store);
        AskedAnswer[] answers = await asker.AskAsync(BatchFileTests.Requests(10)).ToArrayAsync();
        AskedAnswer failed = Assert.Single(answers, answer => answer.Answer is null);
        Assert.Equal(("r3", LlmProblem.Refused), (failed.Request.CustomId, failed.Error!.Problem));
        Assert.Equal((9L, 1L), (asker.Counts.Asked, asker.Counts.Failed));
    }

    [Fact]
    public async Task AskAsync_WrongKey_StopsInsteadOfFailingEveryRequest()
    {
        using HostileProvider provider = new((_, _) => new(401, "no"));
        using AnswerStore store = AnswerStore.Open(_folder["answers.db"]);
        using OpenAiChatClient client = new(OpenAiChatClientTests.Options(provider));
        Asker asker = new(client, store, new AskerOptions { Concurrency = 2 });
        LlmException exception = await Assert.ThrowsAsync<LlmException>(async () => await asker.AskAsync(BatchFileTests.Requests(2000)).CountAsync());
        Assert.Equal(LlmProblem.Configuration, exception.Problem);
        Assert.InRange(provider.Calls, 1, 300);
    }

    [Fact]
    public async Task AskAsync_EqualRequests_AreAskedOnce()
    {
        using HostileProvider provider = new((_, prompt) => HostileProvider.Good(prompt) with { Delay = TimeSpan.FromMilliseconds(20) });
        using AnswerStore store = AnswerStore.Open(_folder["answers.db"]);
        using OpenAiChatClient client = new(OpenAiChatClientTests.Options(provider));
        Asker asker = new(client, store);
        ChatRequest one = BatchFileTests.Requests(1).Single();
        AskedAnswer[] answers = await asker.AskAsync(Enumerable.Range(0, 20).Select(i => one with { CustomId = $"c{i}" })).ToArrayAsync();
        Assert.Equal(Enumerable.Range(0, 20).Select(i => $"c{i}"), answers.Select(answer => answer.Request.CustomId));
        Assert.All(answers, answer => Assert.Equal("prompt 0", answer.Answer!.Text));
        Assert.Equal(1, provider.Calls);
        Assert.Equal((19L, 1L), (asker.Counts.Hits, asker.Counts.Asked));
    }

    [Fact]
    public async Task AskAsync_Cancelled_StoresWhatIsInFlightAndStartsNoMore()
    {
        using CancellationTokenSource source = new();
        using HostileProvider provider = new((call, prompt) =>
        {
            if (call == 10)
            {
                source.Cancel();
            }

            return HostileProvider.Good(prompt) with { Delay = TimeSpan.FromMilliseconds(30) };
        });
        using AnswerStore store = AnswerStore.Open(_folder["answers.db"]);
        using OpenAiChatClient client = new(OpenAiChatClientTests.Options(provider));
        Asker asker = new(client, store, new AskerOptions { Concurrency = 4 });
        await Assert.ThrowsAnyAsync<OperationCanceledException>(async () => await asker.AskAsync(BatchFileTests.Requests(500), source.Token).CountAsync());
        Assert.InRange(provider.Calls, 10, 14);
        Assert.Equal(provider.Calls, store.Count);

        int before = provider.Calls;

        // Requests start in any order, so all of them are asked again: only those without a stored answer reach the provider.
        Assert.Equal(500, await new Asker(client, store).AskAsync(BatchFileTests.Requests(500)).CountAsync(answer => answer.Answer is not null));
        Assert.Equal(500 - before, provider.Calls - before);
    }

    [Fact]
    public async Task AskAsync_LoopLeftEarly_WaitsForWhatIsInFlight()
    {
        using HostileProvider provider = new((_, prompt) => HostileProvider.Good(prompt) with { Delay = TimeSpan.FromMilliseconds(20) });
        using AnswerStore store = AnswerStore.Open(_folder["answers.db"]);
        using OpenAiChatClient client = new(OpenAiChatClientTests.Options(provider));
        await foreach (AskedAnswer _ in new Asker(client, store).AskAsync(BatchFileTests.Requests(100)))
        {
            break;
        }

        Assert.Equal(provider.Calls, store.Count);
    }

    [Fact]
    public async Task AskAsync_ImportedBatch_AsksNothing()
    {
        ChatRequest[] requests = [.. BatchFileTests.Requests(3)];
        await BatchFile.WriteAnswersAsync(_folder["a.jsonl"], requests.Select(request => new BatchAnswer(request, new ChatAnswer { RequestHash = request.Hash, Text = "t", Model = "m" }, null)));
        using AnswerStore store = AnswerStore.Open(_folder["answers.db"]);
        await BatchFile.ImportAsync(requests, _folder["a.jsonl"], store);
        using HostileProvider provider = new((_, _) => new(500, ""));
        using OpenAiChatClient client = new(OpenAiChatClientTests.Options(provider));
        Assert.Equal(3, await new Asker(client, store).AskAsync(requests).CountAsync(answer => answer.Answer?.Text == "t"));
        Assert.Equal(0, provider.Calls);
    }
}
