namespace Apprentice.Code.Tests;

/// <summary>One correct function of each language, written for these tests.</summary>
internal static class Samples
{
    public static IReadOnlyDictionary<Language, string> Functions { get; } = new Dictionary<Language, string>
    {
        [Language.Java] = """
            public static int countMatches(List<String> words, String prefix, int limit) {
                if (words == null || prefix.isEmpty()) {
                    return 0;
                }
                int count = 0;
                for (int i = 0; i < words.size(); i++) {
                    String word = words.get(i); // one word
                    if (word.startsWith(prefix) && count < limit) {
                        count += 1;
                        System.out.println("found" + word);
                    } else if (!word.isEmpty()) {
                        continue;
                    }
                }
                return Math.min(count, limit);
            }
            """,
        [Language.Python] = """
            def count_matches(words, prefix, limit=10):
                '''Counts.'''
                if words is None:
                    return 0
                count = 0
                seen = set()
                for i, word in enumerate(words):
                    # one word
                    if word.startswith(prefix) and count < limit:
                        count += 1
                        seen.add(word)
                    elif not word:
                        continue
                    if i - 1 > limit:
                        break
                print(f"found {count} of {len(words)}")
                return min(count, limit)
            """,
        [Language.C] = """
            #define LIMIT 10
            static int sum_positive(const int *values, int length, struct state *s)
            {
                int total = 0;
                if (values == NULL || length <= 0)
                    return -1;
                for (int i = 0; i < length; i++) {
                    if (values[i] > 0 && total + values[i] < LIMIT * 2) {
                        total += values[i];
                        s->seen = i - 1;
                    }
                }
                s->sum = total;
                return total;
            }
            """,
        [Language.Cpp] = """
            template <typename T>
            std::vector<T> firstItems(const std::vector<T>& items, size_t limit) {
                std::vector<T> result;
                if (items.empty() || limit == 0) {
                    return result;
                }
                for (size_t i = 0; i < items.size() && i < limit; ++i) {
                    result.push_back(items[i]);
                    log(items[i], limit - 1);
                }
                return result;
            }
            """,
        [Language.CSharp] = """
            public static async Task<string> JoinAsync(IReadOnlyList<string> parts, string separator, int limit)
            {
                if (parts is null || limit <= 0)
                {
                    throw new ArgumentNullException(nameof(parts));
                }

                var text = new StringBuilder();
                for (int i = 0; i < parts.Count && i < limit; i++)
                {
                    string part = parts[i];
                    text.Append(i == 0 ? "" : separator);
                    text.Append($"{part}: {i + 1}");
                }

                await Task.Delay(limit - 1);
                return text.ToString();
            }
            """,
        [Language.JavaScript] = """
            function groupBy(items, key, limit) {
              const groups = {};
              if (!items || items.length === 0) {
                return null;
              }
              for (let i = 0; i < items.length; i++) {
                const item = items[i];
                const name = item[key] || 'none';
                groups[name] = groups[name] || [];
                if (groups[name].length < limit && item.active) {
                  groups[name].push(item);
                }
              }
              console.log(`grouped ${items.length}`);
              return groups;
            }
            """,
        [Language.Go] = """
            func findUser(users []User, name string, limit int) (*User, error) {
            	if len(users) == 0 || name == "" {
            		return nil, ErrEmpty
            	}
            	count := 0
            	for i := 0; i < len(users); i++ {
            		user := users[i]
            		if user.Name == name && count < limit {
            			return &user, nil
            		}
            		count += 1
            	}
            	return nil, fmt.Errorf("no user %s", name)
            }
            """,
    };
}
